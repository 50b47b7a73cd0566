//! One investigation: asks what the judge wants to know, hears the answers, and has it conclude. The only loop.

use crate::delegation;
use crate::intake::Intent;
use crate::intake::names::{self, Place};
use crate::report::plain;
use crate::trouble::Trouble;
use crate::witnesses::{Heard, Witnesses};
use diagnosis::case::Case;
use diagnosis::engine;
use diagnosis::engine::explain::Weighed;
use diagnosis::engine::whereabouts::entrances;
use diagnosis::rules::Rules;
use evidence::digest;
use evidence::fact::Body;
use evidence::lint::lint;
use evidence::question::Question;
use evidence::report::Report;
use evidence::scope::{Scope, Window};
use evidence::testimony::Gap;
use futures::future::{join_all, join3};
use jiff::Timestamp;
use mcp::failure::{Code, Failure};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A server answers within 20 s with what it has; a little more for the way.
const LONGEST_ANSWER: Duration = Duration::from_secs(22);
/// Progress is one line.
const LONGEST_STEP: usize = 200;

/// The server that tells numbers.
const NUMBERS: &str = "mcp-prometheus";

/// Asked back where a question neither asks for anything known nor names anything that is there.
const NOT_UNDERSTOOD: &str = "the question is not understood: ask why something fails, whether it is healthy, what or who \
changed it, which pods there are, or for logs, and name a namespace or an object";

/// When an investigation takes place, and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The moment that the report speaks of.
    pub as_of: Timestamp,
    /// The time to look at.
    pub window: Window,
    /// How long all of it may take.
    pub budget: Duration,
    /// The rules in force: all, but where it is measured what one is worth.
    pub rules: Rules,
    /// Ids of the failure modes that the judge is to know nothing of: none, but where it is measured what it takes them for.
    pub unknown: BTreeSet<String>,
}

/// What an investigation came to.
#[derive(Clone, Debug)]
pub struct Concluded {
    /// The report.
    pub report: Report,
    /// The facts that its evidence cites, by their digest; with them it can be said later what has changed.
    pub cited: BTreeMap<String, Body>,
    /// Rounds of questions.
    pub rounds: u32,
    /// What was weighed, the most probable first.
    pub weighed: Vec<Weighed>,
}

/// Takes a line of progress.
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// Investigates. Stops early when `stop` is set or the budget is spent, and concludes from what was heard by then.
///
/// # Errors
/// Where a name is unknown, where nothing at all could be examined, or where the report claims what it cannot prove.
pub async fn investigate(
    intent: &Intent,
    plan: &Plan,
    witnesses: &Witnesses,
    stop: &CancellationToken,
    progress: Progress<'_>,
) -> Result<Concluded, Trouble> {
    let started = Instant::now();
    let mut hearing = Hearing {
        witnesses,
        stop,
        progress,
        window: plan.window,
        end: started + plan.budget,
        saw: false,
        by_a_word: false,
    };
    let mut case = hearing.open(intent, plan).await?;
    let judged = loop {
        let judged = engine::judge(&case);
        let questions = judged.next_questions();
        if questions.is_empty() {
            if hearing.by_a_word && judged.proves_nothing() {
                // `students see no courses` need not be about the Deployment courses.
                hearing.by_a_word = false;
                case.scope.workload = None;
                continue;
            }
            break judged;
        }
        if let Some(why) = hearing.over() {
            case.miss(hearing.unasked(&questions, why));
            break engine::judge(&case);
        }
        hearing.round(&mut case, &questions).await?;
    };
    if !hearing.saw && !stop.is_cancelled() {
        return Err(nothing_examined(&case));
    }
    let mut report = judged.report();
    if hearing.over().is_some() {
        engine::cut_short(&mut report);
    }
    if !witnesses.is_frozen() {
        report.cost.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    }
    match lint(&report).first() {
        Some(fault) => {
            Err(Trouble::Ours(format!("the report claims what it does not prove: {fault}")))
        }
        None => Ok(Concluded {
            cited: cited(&case, &report),
            rounds: case.rounds(),
            weighed: judged.weighed(),
            report,
        }),
    }
}

struct Hearing<'a> {
    witnesses: &'a Witnesses,
    stop: &'a CancellationToken,
    progress: Progress<'a>,
    window: Window,
    end: Instant,
    /// Some answer had something in it.
    saw: bool,
    /// The object asked about was found by a plain word of the question, which may mean something else.
    by_a_word: bool,
}

impl Hearing<'_> {
    /// The first survey tells which of the question's words are names, so it comes before the case.
    async fn open(&mut self, intent: &Intent, plan: &Plan) -> Result<Case, Trouble> {
        let mut words = intent.words.clone();
        let mut namespaces: Vec<String> = words.namespace.iter().cloned().collect();
        let mut first = Question::Survey { namespaces: namespaces.clone(), workload: None };
        // These are asked at once, so that they cost no round of their own: numbers, and where users come in who report a trouble.
        let measures = Question::Measures { namespaces: namespaces.clone() };
        let entrances = entrances();
        let numbers = async {
            if self.witnesses.has(NUMBERS) { Some(self.put(&measures).await) } else { None }
        };
        let doors = async {
            let anywhere = intent.reported && namespaces.is_empty();
            if anywhere { Some(self.put(&entrances).await) } else { None }
        };
        let (mut answer, numbers, doors) = join3(self.put(&first), numbers, doors).await;
        self.saw |= answer.as_ref().is_ok_and(saw);
        let mut not_there = None;
        if let Err(failure) = &answer
            && failure.code == Code::NotFound
        {
            not_there = Some(unknown(failure));
            if !words.namespace_certain && !words.others.is_empty() {
                // Another word of the question may be the namespace: `moved from test to shop`.
                words.namespace = None;
                namespaces = Vec::new();
                first = Question::Survey { namespaces: Vec::new(), workload: None };
                answer = self.ask(&first).await;
            }
        }
        let (heard, missed) = match answer {
            Ok(heard) => (heard, None),
            Err(failure) if failure.code == Code::NotFound => return Err(unknown(&failure)),
            Err(failure) => (Heard::default(), Some(self.gap(&first, &failure))),
        };
        let place = names::resolve(&words, &heard.testimony)?;
        self.by_a_word = place.workload.is_some() && words.workload.is_none();
        if let Some(unknown) = not_there.filter(|_| place.namespaces.is_empty()) {
            return Err(unknown);
        }
        if intent.aim.is_none() && place == (Place { seen: true, ..Place::default() }) {
            return Err(Trouble::Usage(NOT_UNDERSTOOD.to_owned()));
        }
        let mut asked = vec![first];
        // Those of another place are asked for again, with the first round.
        let numbers = numbers.filter(|_| {
            matches!(&measures, Question::Measures { namespaces } if *namespaces == place.namespaces)
        });
        if numbers.is_some() {
            asked.push(measures.clone());
        }
        let doors = doors.filter(|_| place.namespaces.is_empty());
        if doors.is_some() {
            asked.push(entrances.clone());
        }
        if place.seen && place.namespaces == namespaces && place.workload.is_some() {
            // A survey centred on it would read the same again.
            asked.push(Question::Survey { namespaces, workload: place.workload.clone() });
        }
        let Place { namespaces, workload, .. } = place;
        let scope = Scope { cluster: self.witnesses.cluster().to_owned(), namespaces, workload };
        let mut case = Case::open(&intent.question, scope, plan.as_of, plan.window);
        case.aim = intent.aim.unwrap_or_default();
        case.reported = intent.reported;
        case.several = intent.several;
        case.misses_numbers = intent.misses_numbers;
        case.lasted = intent.lasted;
        case.rules = plan.rules;
        case.unknown.clone_from(&plan.unknown);
        case.numbers = self.witnesses.has(NUMBERS);
        case.ask(&asked);
        match missed {
            Some(gap) => case.miss(gap),
            None => case.hear(heard.testimony),
        }
        let beside = [(&measures, numbers), (&entrances, doors)];
        for (question, answer) in beside.into_iter().filter_map(|(it, answer)| Some((it, answer?)))
        {
            match answer {
                Ok(heard) => case.hear(heard.testimony),
                Err(failure) => case.miss(self.gap(question, &failure)),
            }
        }
        Ok(case)
    }

    /// Asks all questions at once and hears the answers in the order of the questions.
    async fn round(&mut self, case: &mut Case, questions: &[Question]) -> Result<(), Trouble> {
        case.ask(questions);
        let answers = join_all(questions.iter().map(|question| self.put(question))).await;
        for (question, answer) in questions.iter().zip(answers) {
            match answer {
                Ok(heard) => {
                    self.saw |= saw(&heard);
                    case.hear(heard.testimony);
                }
                // What was asked about is not there: that is for the asker to put right.
                Err(failure) if failure.code == Code::NotFound && is_centred(question) => {
                    return Err(unknown(&failure));
                }
                // What lies behind a name in a message may be gone with its namespace, and a cluster does not serve every
                // kind: that is known then, and no gap.
                Err(failure) if failure.code == Code::NotFound && is_of_one_place(question) => {
                    case.none_of(question);
                }
                Err(failure) => case.miss(self.gap(question, &failure)),
            }
        }
        Ok(())
    }

    async fn ask(&mut self, question: &Question) -> Result<Heard, Failure> {
        let heard = self.put(question).await?;
        self.saw |= saw(&heard);
        Ok(heard)
    }

    async fn put(&self, question: &Question) -> Result<Heard, Failure> {
        let call = delegation::call(question, self.window);
        let asked = Instant::now();
        let timeout = LONGEST_ANSWER.min(self.end.saturating_duration_since(asked));
        self.tell(&format!("{} {}: {}", call.server, call.tool, call.about));
        let answer = self.witnesses.ask(&call, timeout, self.stop).await;
        let took = asked.elapsed().as_millis();
        match &answer {
            Ok(heard) => self.tell(&format!("{} after {took} ms: {}", call.server, heard.summary)),
            Err(failure) => {
                self.tell(&format!("{} after {took} ms: {}", call.server, failure.message))
            }
        }
        answer
    }

    /// Why there is no answer to the question.
    fn gap(&self, question: &Question, failure: &Failure) -> Gap {
        let call = delegation::call(question, self.window);
        let remedy = match failure.hint.as_str() {
            "" if failure.code == Code::Cancelled => "ask again".to_owned(),
            "" => "inquest doctor shows what can and what cannot be read".to_owned(),
            hint => hint.to_owned(),
        };
        let why = match failure.code {
            Code::Cancelled => "the investigation was stopped".to_owned(),
            _ => failure.message.clone(),
        };
        Gap { server: call.server.to_owned(), what: call.about, why, remedy }
    }

    /// What is left open because no more may be asked.
    fn unasked(&self, questions: &[Question], why: &str) -> Gap {
        let about = questions.iter().map(|it| delegation::call(it, self.window).about);
        Gap {
            server: "inquest".to_owned(),
            what: about.collect::<Vec<_>>().join("; "),
            why: why.to_owned(),
            remedy: "ask again with a longer --budget, or about less".to_owned(),
        }
    }

    fn tell(&self, step: &str) {
        (self.progress)(&plain::line(step, LONGEST_STEP));
    }

    /// Why no more may be asked.
    fn over(&self) -> Option<&'static str> {
        if self.stop.is_cancelled() {
            return Some("the investigation was stopped");
        }
        (Instant::now() >= self.end).then_some("the budget of time was spent")
    }
}

fn saw(heard: &Heard) -> bool {
    !heard.testimony.facts.is_empty() || heard.testimony.looks.iter().any(|look| look.complete)
}

fn is_centred(question: &Question) -> bool {
    matches!(question, Question::Survey { workload: Some(_), .. })
}

/// Of several namespaces one that is not there says nothing of the others.
fn is_of_one_place(question: &Question) -> bool {
    match question {
        Question::Survey { namespaces, .. } => namespaces.len() == 1,
        Question::Objects { .. } => true,
        Question::Logs { .. } | Question::Measures { .. } | Question::Rule { .. } => false,
    }
}

fn unknown(failure: &Failure) -> Trouble {
    match failure.hint.as_str() {
        "" => Trouble::Usage(failure.message.clone()),
        hint => Trouble::Usage(format!("{}; {hint}", failure.message)),
    }
}

fn nothing_examined(case: &Case) -> Trouble {
    let told = case.gaps().next().map(|gap| format!("{}: {}; {}", gap.what, gap.why, gap.remedy));
    Trouble::NothingExamined(format!(
        "nothing could be examined: {}",
        told.unwrap_or_else(|| "no server had anything to say".to_owned())
    ))
}

fn cited(case: &Case, report: &Report) -> BTreeMap<String, Body> {
    let mut bodies = BTreeMap::new();
    let mut exhibit = 0;
    while let Some(body) = case.body(exhibit) {
        let digest = digest::of(body);
        if report.evidence.iter().any(|it| it.digest == digest) {
            bodies.insert(digest, body.clone());
        }
        exhibit += 1;
    }
    bodies
}

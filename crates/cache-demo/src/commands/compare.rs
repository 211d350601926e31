//! `compare`: the same queries from the database and from the cache.
//!
//! Both sides keep their connections and are warmed up. Rounds alternate database, cache, database, cache, so that a
//! disturbance hits both. A ratio is of medians and comes with its lowest and highest round. The source document's
//! own style, a new connection for every query, is a row of its own.

use crate::cache::aside::{Cache, Source};
use crate::error::Failure;
use crate::measure::latency::{Recorder, round};
use crate::measure::noise;
use crate::session::{Session, explain_unavailable, load_encoded};
use crate::shop::dataset::product_of_rank;
use crate::shop::queries::{Answer, Query};
use crate::stop::Stop;
use mysql::Conn;
use mysql::prelude::Queryable;
use recipe_walk_measurements::result::{self, Compare, Style};
use std::time::{Duration, Instant};

/// How many different keys a query is asked for.
const KEYS: u32 = 64;

struct Plan {
    query: Query,
    style: Style,
    database: Vec<Recorder>,
    cache: Vec<Recorder>,
}

/// Runs the command.
pub async fn run(session: &Session) -> Result<Compare, Failure> {
    session.require_data().await?;
    let cache = session.cache();
    let mut plans: Vec<Plan> = Query::ALL
        .iter()
        .map(|query| (*query, Style::Pooled))
        .chain([(Query::Product, Style::ConnectPerQuery)])
        .map(|(query, style)| Plan { query, style, database: Vec::new(), cache: Vec::new() })
        .collect();
    for query in Query::ALL {
        session.progress.report("verify", 0, 1, query.title());
        verify(session, &cache, query).await?;
    }
    let slice = session.tuning.per_side / session.tuning.rounds;
    let total = u64::from(session.tuning.rounds) * plans.len() as u64;
    // Round 0 warms up and is not recorded.
    let (mut done, mut error) = (0, None);
    'rounds: for round in 0..=session.tuning.rounds {
        for plan in &mut plans {
            if session.stop.is_requested() {
                break 'rounds;
            }
            let stage = if round == 0 { "warm-up" } else { "measure" };
            session.progress.report(stage, done, total, plan.query.title());
            let slice = if round == 0 { slice.min(Duration::from_millis(60)) } else { slice };
            let (database, cached) = match both_sides(session, &cache, plan, slice).await {
                Ok(both) => both,
                Err(failure) => {
                    error = Some(failure);
                    break 'rounds;
                }
            };
            // A cut-off round measured less than it should have.
            if round > 0 && !session.stop.is_requested() {
                done += 1;
                plan.database.push(database);
                plan.cache.push(cached);
            }
        }
    }
    session.progress.report("measure", done, total, "done");
    let rounds = plans.iter().map(|plan| plan.cache.len()).min().unwrap_or(0) as u32;
    let mut sides = Vec::new();
    let queries = plans
        .iter()
        .filter(|plan| !plan.cache.is_empty())
        .map(|plan| {
            for side in [&plan.database, &plan.cache] {
                sides.push(side.iter().map(Recorder::median_ms).collect());
            }
            row(plan)
        })
        .collect::<Vec<_>>();
    if let (Some(failure), true) = (&error, queries.is_empty()) {
        return Err(failure.clone());
    }
    let fewest =
        queries.iter().map(|row| row.database.samples.min(row.cache.samples)).min().unwrap_or(u64::MAX);
    Ok(Compare { rounds, noise: noise::judge(&sides, fewest), queries, error })
}

async fn both_sides(
    session: &Session,
    cache: &Cache,
    plan: &Plan,
    slice: Duration,
) -> Result<(Recorder, Recorder), Failure> {
    let database = database_side(session, plan.query, plan.style, slice).await?;
    Ok((database, cache_side(session, cache, plan.query, slice).await?))
}

fn row(plan: &Plan) -> result::Query {
    let all = |rounds: &[Recorder]| {
        rounds.iter().fold(Recorder::new(), |mut all, one| {
            all.add(one);
            all
        })
    };
    let (database, cache) = (all(&plan.database), all(&plan.cache));
    let ratios: Vec<f64> =
        plan.database.iter().zip(&plan.cache).map(|(d, c)| d.median_ms() / c.median_ms()).collect();
    result::Query {
        id: plan.query.id().into(),
        title: plan.query.title().into(),
        style: plan.style,
        ratio: round(database.median_ms() / cache.median_ms(), 2),
        ratio_low: round(ratios.iter().copied().fold(f64::INFINITY, f64::min), 2),
        ratio_high: round(ratios.iter().copied().fold(0.0, f64::max), 2),
        database: database.summary(),
        cache: cache.summary(),
    }
}

fn keys(query: Query) -> Vec<u32> {
    (0..KEYS).map(|rank| query.parameter(product_of_rank(rank))).collect()
}

/// Fills the cache and checks that it answers exactly what the database answers.
async fn verify(session: &Session, cache: &Cache, query: Query) -> Result<(), Failure> {
    for id in keys(query) {
        if session.stop.is_requested() {
            return Ok(());
        }
        let expected = session.mysql.ask(move |conn| query.ask(conn, id)).await?;
        let key = query.key(id);
        // An older run may have left a value from before a write; a comparison begins with what is true now.
        cache.invalidate(&key).await;
        for wanted in [Source::Loaded, Source::Hit] {
            let (bytes, source) = cache
                .get_or_load(&key, || load_encoded(&session.mysql, query, id))
                .await
                .map_err(|why| explain_unavailable(&session.mysql, &why))?;
            let decoded = bytes.map(|bytes| query.decode(&bytes)).transpose().ok().flatten();
            if source != wanted {
                session.require_kept(&key).await?;
                return Err(Failure::measurement(
                    format!("{key}: the cache did not keep what was stored a moment ago."),
                    "It is full, failing, or somebody deletes its keys.",
                    "Run `check` for its policy and memory.",
                ));
            }
            if decoded != expected {
                return Err(Failure::measurement(
                    format!("{key}: cache and database give different answers."),
                    "Somebody writes to the tables at the same time, or to the cache.",
                    "Run `compare` again, alone.",
                ));
            }
        }
    }
    Ok(())
}

async fn database_side(
    session: &Session,
    query: Query,
    style: Style,
    slice: Duration,
) -> Result<Recorder, Failure> {
    let stop = session.stop.clone();
    let opts = session.mysql.opts();
    // The loop runs on the connection's own thread: handing each query over would be added to the database's time.
    session
        .mysql
        .ask(move |conn| match style {
            Style::Pooled => repeat(query, slice, &stop, |id| query.ask(conn, id)),
            Style::ConnectPerQuery => repeat(query, slice, &stop, |id| {
                let mut conn = Conn::new(opts.clone())?;
                // One statement as text, as the source document sends it; preparing would cost a round trip more.
                let sql = include_str!("../../sql/product.sql").replace('?', &id.to_string());
                let row: Option<(u32, u32, String, String, String, i64)> = conn.query_first(sql)?;
                Ok(row.map(|(id, category_id, name, description, price, stock)| {
                    Answer::Product(crate::shop::queries::Product {
                        id,
                        category_id,
                        name,
                        description,
                        price,
                        stock,
                    })
                }))
            }),
        })
        .await
}

fn repeat(
    query: Query,
    slice: Duration,
    stop: &Stop,
    mut ask: impl FnMut(u32) -> Result<Option<Answer>, mysql::Error>,
) -> Result<Recorder, mysql::Error> {
    let mut recorder = Recorder::new();
    let begin = Instant::now();
    for id in keys(query).into_iter().cycle() {
        let start = Instant::now();
        std::hint::black_box(ask(id)?);
        recorder.record(start.elapsed());
        if begin.elapsed() >= slice || stop.is_requested() {
            break;
        }
    }
    Ok(recorder)
}

async fn cache_side(
    session: &Session,
    cache: &Cache,
    query: Query,
    slice: Duration,
) -> Result<Recorder, Failure> {
    let keys: Vec<(u32, String)> = keys(query).into_iter().map(|id| (id, query.key(id))).collect();
    let mut recorder = Recorder::new();
    let begin = Instant::now();
    for (id, key) in keys.iter().cycle() {
        let start = Instant::now();
        let (bytes, source) = cache
            .get_or_load(key, || load_encoded(&session.mysql, query, *id))
            .await
            .map_err(|why| explain_unavailable(&session.mysql, &why))?;
        let answer = bytes.map(|bytes| query.decode(&bytes)).transpose();
        let latency = start.elapsed();
        std::hint::black_box(answer).map_err(|e| {
            Failure::measurement(
                format!("{key} holds something that is not ours: {e}."),
                "Another program uses the same keys.",
                "Use a Redis of your own.",
            )
        })?;
        // A miss is not what this side measures; one that expired or was evicted is loaded again and left out.
        if source == Source::Hit {
            recorder.record(latency);
        }
        if begin.elapsed() >= slice || session.stop.is_requested() {
            break;
        }
    }
    if recorder.is_empty() && !session.stop.is_requested() {
        if let Some((_, key)) = keys.first() {
            session.require_kept(key).await?;
        }
        return Err(Failure::measurement(
            "The cache gave no single hit.",
            "It does not answer, or evicts what was just stored.",
            "Run `check` for its state.",
        ));
    }
    Ok(recorder)
}

//! Building the index: JSON lines in, one merged segment out.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::time::Instant;

use serde::Deserialize;
use tantivy::merge_policy::NoMergePolicy;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions, STORED};
use tantivy::{Index, IndexWriter, TantivyDocument};

use crate::Fail;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

fn schema() -> Schema {
    let mut fields = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_fieldnorms(true)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    fields.add_text_field("id", STORED);
    fields.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    fields.build()
}

/// Sends every document of the corpus to the writer; their number.
fn feed(writer: &IndexWriter, corpus: &str, schema: &Schema) -> Result<u64, Fail> {
    let (id, text) = (schema.get_field("id")?, schema.get_field("text")?);
    let file = File::open(corpus).map_err(|why| format!("{corpus}: {why}"))?;
    let mut input = BufReader::with_capacity(1 << 20, file);
    let mut raw = Vec::new();
    let mut number = 0;
    loop {
        raw.clear();
        if input.read_until(b'\n', &mut raw)? == 0 {
            return Ok(number);
        }
        number += 1;
        let line: Line = serde_json::from_slice(&raw)
            .map_err(|why| format!("{corpus}, line {number}: {why}"))?;
        let mut doc = TantivyDocument::default();
        doc.add_text(id, &line.id);
        doc.add_text(text, &line.text);
        writer.add_document(doc)?;
    }
}

/// Makes one segment of all and waits for it.
fn merge(index: &Index, mut writer: IndexWriter) -> Result<(), Fail> {
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()?;
    match index.searchable_segment_ids()?.len() {
        0 | 1 => Ok(()),
        n => Err(format!("{n} segments are left after the merge").into()),
    }
}

fn bytes_below(dir: &str) -> Result<u64, Fail> {
    let mut sum = 0;
    for entry in fs::read_dir(dir)? {
        sum += entry?.metadata()?.len();
    }
    Ok(sum)
}

/// Processor seconds of all threads, and the peak of resident KiB so far.
fn usage() -> Result<(f64, u64), Fail> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let tail = stat.rsplit_once(')').ok_or("/proc/self/stat is odd")?.1;
    let field: Vec<&str> = tail.split_whitespace().collect();
    // user and system time are fields 14 and 15; the first after ')' is 3.
    let ticks: u64 = field[11].parse::<u64>()? + field[12].parse::<u64>()?;
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:"))
        .and_then(|l| l.split_whitespace().next())
        .ok_or("/proc/self/status has no VmHWM")?;
    Ok((ticks as f64 / 100.0, peak.parse()?))
}

pub fn run(corpus: &str, dir: &str, threads: usize, memory_mb: usize) -> Result<(), Fail> {
    let start = Instant::now();
    let schema = schema();
    let index = Index::create_in_dir(dir, schema.clone())?;
    let writer: IndexWriter = index.writer_with_num_threads(threads, memory_mb << 20)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let documents = feed(&writer, corpus, &schema)?;
    merge(&index, writer)?;
    let seconds = start.elapsed().as_secs_f64();
    let (cpu, peak) = usage()?;
    println!(
        "{{\"peer\":\"tantivy\",\"version\":\"{}\",\"documents\":{documents},\
         \"threads\":{threads},\"seconds\":{seconds:.3},\"cpu_seconds\":{cpu:.2},\
         \"bytes\":{},\"peak_kib\":{peak}}}",
        tantivy::version().to_string().replace('"', ""),
        bytes_below(dir)?
    );
    Ok(())
}

//! The journal's table and stream, as they are stored.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::{self, table};

/// How a step stands.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) state: String,
    pub(super) attempts: usize,
    pub(super) started: Option<i64>,
}

/// How a run stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) state: String,
    /// When it was started, in milliseconds since 1970, as all times here.
    pub(super) created: i64,
    pub(super) steps: BTreeMap<String, Step>,
}

/// All runs by their names.
pub(super) fn runs() -> BTreeMap<String, Entry> {
    let mut runs: BTreeMap<String, Entry> = BTreeMap::new();
    for item in scan("RunsTable") {
        let id = text(&item, "pk").unwrap().trim_start_matches("run#").to_owned();
        let run = runs.entry(id).or_default();
        let state = text(&item, "state").unwrap().to_owned();
        match text(&item, "sk").unwrap().strip_prefix("step#") {
            Some(name) => {
                let attempts = usize::try_from(millis(&item, "attempts").unwrap()).unwrap();
                let step = Step { state, attempts, started: millis(&item, "started") };
                run.steps.insert(name.to_owned(), step);
            }
            None => {
                run.state = state;
                run.created = millis(&item, "created_at").unwrap();
            }
        }
    }
    runs
}

/// All items of a table.
pub(super) fn scan(part: &str) -> Vec<Value> {
    let mut input = json!({ "TableName": table(part), "ConsistentRead": true });
    let mut items = Vec::new();
    loop {
        let page = aws::call("dynamodb", "DynamoDB_20120810.Scan", &input);
        items.extend(page["Items"].as_array().unwrap().clone());
        if page["LastEvaluatedKey"].is_null() {
            return items;
        }
        input["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
    }
}

pub(super) fn text<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item[name]["S"].as_str()
}

fn millis(item: &Value, name: &str) -> Option<i64> {
    item[name]["N"].as_str().map(|number| number.parse().unwrap())
}

/// Everything the stream of the runs has told: one record for each write that changed something.
pub(super) fn stream() -> Vec<Value> {
    let call = |operation: &str, input: &Value| {
        aws::call("dynamodb", &format!("DynamoDBStreams_20120810.{operation}"), input)
    };
    let listed = call("ListStreams", &json!({ "TableName": table("RunsTable") }));
    let arn = listed["Streams"][0]["StreamArn"].clone();
    let described = call("DescribeStream", &json!({ "StreamArn": arn }));
    let mut records = Vec::new();
    for shard in described["StreamDescription"]["Shards"].as_array().unwrap() {
        let start = json!({
            "StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON",
        });
        let mut next = call("GetShardIterator", &start)["ShardIterator"].clone();
        while next.is_string() {
            let page = call("GetRecords", &json!({ "ShardIterator": next }));
            let found = page["Records"].as_array().unwrap();
            if found.is_empty() {
                break;
            }
            records.extend(found.clone());
            next = page["NextShardIterator"].clone();
        }
    }
    records
}

/// The run that a record of the stream is about.
pub(super) fn run_of(record: &Value) -> &str {
    text(&record["dynamodb"]["Keys"], "pk").unwrap().trim_start_matches("run#")
}

/**
 * The embedded store's tables, and how an older file becomes a newer one. One file, six trees, each with one purpose:
 *
 * | table | holds | serves |
 * |---|---|---|
 * | events | what differs in a document from others of its shape, and the few numbers that queries sort and count by | reading, histograms, lists, actions |
 * | shapes | what documents of one kind have in common (shape.ts) | keeps the documents small |
 * | ids | id → event, where the id does not follow from the row (place.ts); of what versions before 3 stored, all | nothing is stored twice; look-up by id |
 * | words | full text, without the text (contentless FTS5): `text` what people search, `keys` exact addresses and message ids | search |
 * | names | names of lists, actions, datasets, files and generations, and the reasons of a hold as a JSON array → small numbers | keeps rows and indexes small |
 * | counts | how many events of each hour have the same names; 0: none | totals, facets, histograms of hours and more |
 *
 * `event` numbers rise in the order of storing, so what was stored first is also what keepDays removes first: `days` says
 * with which number each day began.
 */
import type Database from 'libsql'

/** "MLSH": tells our file from somebody else's SQLite database. */
export const applicationId = 0x4d4c5348

export const HOUR_MS = 3_600_000

const hourOf = (timestamp: string): string =>
  `(${timestamp} - ((${timestamp} % ${HOUR_MS}) + ${HOUR_MS}) % ${HOUR_MS}) / ${HOUR_MS}`
const ofRemoved = `hour = ${hourOf('OLD.timestamp')} AND dataset = coalesce(OLD.dataset, 0) AND action = coalesce(OLD.action, 0)
      AND list = coalesce(OLD.list, 0) AND reasons = coalesce(OLD.reasons, 0)`

const migrations = [
  `
  CREATE TABLE events(
    event INTEGER PRIMARY KEY,
    timestamp INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    list INTEGER,
    action INTEGER,
    dataset INTEGER,
    document TEXT NOT NULL
  );
  CREATE INDEX events_by_time ON events(timestamp, offset, list, action, dataset);
  CREATE TABLE ids(id TEXT PRIMARY KEY, event INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE names(name INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
  CREATE TABLE days(day INTEGER PRIMARY KEY, event INTEGER NOT NULL);
  CREATE VIRTUAL TABLE words USING fts5(
    text, keys, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0'
  );
  -- Percent of removed rows at which a segment is written anew. 10, the default, makes keepDays cost three times as much (measured).
  INSERT INTO words(words, rank) VALUES ('deletemerge', 50);
  `,
  // Takes five seconds for a million events (measured), once.
  `
  ALTER TABLE events ADD COLUMN reasons INTEGER;
  CREATE TEMP TABLE held AS
    SELECT event, coalesce(
      CASE json_type(document, '$.mailman.hold.reason')
        WHEN 'array' THEN document -> '$.mailman.hold.reason'
        WHEN 'text' THEN json_array(document ->> '$.mailman.hold.reason')
      END, '[]') AS value
    FROM events WHERE document LIKE '%"hold":%';
  INSERT OR IGNORE INTO names(value) SELECT DISTINCT value FROM held WHERE value <> '[]';
  UPDATE events SET reasons = names.name FROM temp.held JOIN names USING (value) WHERE events.event = held.event;
  DROP TABLE temp.held;
  DROP INDEX events_by_time;
  CREATE INDEX events_by_time ON events(timestamp, offset, list, action, dataset, reasons);
  CREATE TABLE counts(
    hour INTEGER, dataset INTEGER, action INTEGER, list INTEGER, reasons INTEGER, count INTEGER NOT NULL,
    PRIMARY KEY (hour, dataset, action, list, reasons)
  ) WITHOUT ROWID;
  INSERT INTO counts
    SELECT ${hourOf('timestamp')} AS hour, coalesce(dataset, 0) AS d,
      coalesce(action, 0) AS a, coalesce(list, 0) AS l, coalesce(reasons, 0) AS r, count(*)
    FROM events GROUP BY hour, d, a, l, r;
  -- Whoever removes events need not think of it; who adds them does many at once (writer.ts).
  CREATE TRIGGER count_removed AFTER DELETE ON events BEGIN
    UPDATE counts SET count = count - 1 WHERE ${ofRemoved};
    DELETE FROM counts WHERE ${ofRemoved} AND count <= 0;
  END;
  `,
  // Reads the file once for the index, a third of a CPU-second for a million events (measured); documents stay as they are.
  `
  CREATE TABLE shapes(shape INTEGER PRIMARY KEY, skeleton TEXT NOT NULL UNIQUE);
  ALTER TABLE events ADD COLUMN shape INTEGER;
  ALTER TABLE events ADD COLUMN fqdn INTEGER;
  ALTER TABLE events ADD COLUMN generation INTEGER;
  ALTER TABLE events ADD COLUMN content INTEGER;
  CREATE INDEX events_by_place ON events(generation, offset) WHERE generation IS NOT NULL;
  -- How many segments of full text of one level are merged into one. 4, the default, writes all of it twice as often (measured).
  INSERT INTO words(words, rank) VALUES ('automerge', 8);
  `,
]

export const schemaVersion = migrations.length

/**
 * Brings the file up to date, all or nothing. A file that is empty becomes a store; a file that is not ours is refused.
 * @param target an older version only in tests
 */
export function migrate(db: Database.Database, target = schemaVersion): void {
  const version = readNumber(db, 'user_version')
  const id = readNumber(db, 'application_id')
  if (id !== applicationId && (version !== 0 || id !== 0 || readNumber(db, 'schema_version') !== 0)) {
    throw new NotOurs('the file is another program’s database')
  }
  if (version > schemaVersion) throw new NotOurs('the file was written by a newer version of mailman-shipper')
  if (version >= target) return
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const step of migrations.slice(readNumber(db, 'user_version'), target)) db.exec(step)
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${target}`)
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

/** A file that we must not touch; the message is for the operator. */
export class NotOurs extends Error {}

export function readNumber(db: Database.Database, pragma: string): number {
  const [row] = db.prepare(`PRAGMA ${pragma}`).raw().all() as [[number]]
  return row[0]
}

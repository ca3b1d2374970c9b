// Records battles, one JSON a line, gzipped.
//   node record.js --format doubles|singles3|singles6 --battles 200 --seed 1 --out FILE.jsonl.gz [--teams FILE|any|rare] [--check]
//     [--policies random,eager,heuristic] [--ask]
// --teams any: anything the vocabulary allows (sets.js), instead of the pools; rare: only what seldom meets, half the time with
//   the same team on both sides.
// --policies: who may play a side, drawn for each (random and eager).
// --ask: whoever started this chooses, and nothing is written to a file. Lines of JSON: out, the battles without their
//   points; then, over and over, out the point that each has reached (null once it is over), and in what both sides choose
//   (null to give it up).
// --check: plays each battle again from another seed with the recorded draws as its tape; every state must be equal.
const fs = require("fs");
const path = require("path");
const { PRNG, canonical } = require("./showdown.js");
const { FORMATS, NAMES, POLICIES, answer, begin, check, finish, play, reach, write } = require("./play.js");
const { randomTeam, rareTeam } = require("./sets.js");

function options() {
  const given = { format: "doubles", battles: "20", seed: "1", teams: path.join(__dirname, "../../assets/battle/teams.json") };
  const words = process.argv.slice(2);
  for (let i = 0; i < words.length; i++) {
    const name = words[i].replace(/^--/, "");
    given[name] = ["check", "ask"].includes(name) ? true : words[++i];
  }
  if (!FORMATS[given.format]) throw new Error(`--format ${given.format}: expected ${Object.keys(FORMATS).join(", ")}`);
  given.policies = given.policies ? given.policies.split(",") : NAMES;
  for (const name of given.policies) if (!POLICIES.includes(name)) throw new Error(`--policies ${name}: expected ${POLICIES.join(", ")}`);
  return given;
}

function rareTeams(dice) {
  const team = rareTeam(dice);
  return [team, dice.random(2) ? team : rareTeam(dice)];
}
// The battles to be played: {head, game, seed, dice}. head: what a recording says of one before its points.
function settings(given) {
  const any = ["any", "rare"].includes(given.teams);
  const pools = any ? {} : JSON.parse(fs.readFileSync(given.teams, "utf8"));
  const teams = Object.entries(pools).filter(([, rows]) => Array.isArray(rows)).flatMap(([split, rows]) => rows.map(([, team], i) => ({ split, number: i, team })));
  return Array.from({ length: Number(given.battles) }, (_, number) => {
    const dice = new PRNG(`${given.seed},${number},77,5`);
    const seed = [1, 2, 3, 4].map(() => dice.random(65536)).join(",");
    const chosen = any ? [] : [dice.sample(teams), dice.sample(teams)];
    const made = given.teams === "rare" ? rareTeams(dice) : any && [randomTeam(dice), randomTeam(dice)];
    const packed = made || chosen.map(({ team }) => canonical(team, FORMATS.doubles));
    const policies = given.ask ? ["asked", "asked"] : [dice.sample(given.policies), dice.sample(given.policies)];
    const head = { number, format: given.format, seed, sheets: chosen.map(team => [team.split, team.number]), teams: packed, policies };
    return { head, game: { format: given.format, teams: packed }, seed, dice };
  });
}

function* lines(file) {
  let text = "";
  const piece = Buffer.alloc(1 << 16);
  for (let count; (count = fs.readSync(file, piece)) > 0;) {
    text += piece.toString("utf8", 0, count);
    const whole = text.split("\n");
    text = whole.pop();
    yield* whole;
  }
}

function ask(given) {
  const all = settings(given);
  const say = value => fs.writeSync(1, JSON.stringify(value) + "\n");
  say(all.map(({ head }) => head));
  const runs = all.map(({ game, seed }) => begin(game, seed));
  const answers = lines(0);
  for (let going = runs; ;) {
    const asked = new Set(going);
    going = going.filter(run => reach(run));
    say(runs.map(run => (asked.has(run) ? run.points.at(-1) : null)));
    if (!going.length) return runs.forEach(finish);
    const { value, done } = answers.next();
    if (done) return; // nobody asks on
    const choices = JSON.parse(value);
    going = going.filter(run => choices[runs.indexOf(run)]);
    for (const run of going) answer(run, choices[runs.indexOf(run)]);
  }
}

function record(given) {
  const battles = [];
  const counts = {};
  let points = 0, draws = 0, turns = 0;
  for (const { head, game, seed, dice } of settings(given)) {
    const battle = play(game, seed, { policies: head.policies, dice });
    if (given.check) check(game, battle, `battle ${head.number}`);
    points += battle.points.length - 1;
    turns += battle.points.at(-1).state.turn;
    for (const point of battle.points) for (const draw of point.draws) {
      draws++;
      const label = draw.label === "effect" ? `effect ${draw.effect} ${draw.event}` : draw.label;
      counts[label] = (counts[label] || 0) + 1;
    }
    battles.push({ ...head, ...battle });
  }
  const sizes = write(battles, given.out);
  const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  console.log(`${battles.length} battles, ${turns} turns, ${points} decision points, ${draws} draws; ${sizes}${given.check ? "; each played again from its draws with equal states" : ""}`);
  console.log(sorted.map(([label, count]) => `${count} ${label}`).join("\n"));
}

const given = options();
if (given.ask) ask(given);
else record(given);

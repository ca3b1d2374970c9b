// Records battles, one JSON a line, gzipped.
//   node record.js --format doubles|singles3|singles6 --battles 200 --seed 1 --out FILE.jsonl.gz [--teams FILE|any] [--check]
//     [--policies random,eager,heuristic]
// --teams any: anything the vocabulary allows (sets.js), instead of the pools.
// --policies: who may play a side, drawn for each (random and eager).
// --check: plays each battle again from another seed with the recorded draws as its tape; every state must be equal.
const fs = require("fs");
const path = require("path");
const { PRNG, canonical } = require("./showdown.js");
const { FORMATS, NAMES, POLICIES, check, play, write } = require("./play.js");
const { randomTeam } = require("./sets.js");

function options() {
  const given = { format: "doubles", battles: "20", seed: "1", teams: path.join(__dirname, "../../assets/battle/teams.json") };
  const words = process.argv.slice(2);
  for (let i = 0; i < words.length; i++) {
    const name = words[i].replace(/^--/, "");
    given[name] = name === "check" ? true : words[++i];
  }
  if (!FORMATS[given.format]) throw new Error(`--format ${given.format}: expected ${Object.keys(FORMATS).join(", ")}`);
  given.policies = given.policies ? given.policies.split(",") : NAMES;
  for (const name of given.policies) if (!POLICIES.includes(name)) throw new Error(`--policies ${name}: expected ${POLICIES.join(", ")}`);
  return given;
}

function main() {
  const given = options();
  const any = given.teams === "any";
  const pools = any ? {} : JSON.parse(fs.readFileSync(given.teams, "utf8"));
  const teams = Object.entries(pools).filter(([, rows]) => Array.isArray(rows)).flatMap(([split, rows]) => rows.map(([, team], i) => ({ split, number: i, team })));
  const lines = [];
  const counts = {};
  let points = 0, draws = 0, turns = 0;
  for (let number = 0; number < Number(given.battles); number++) {
    const dice = new PRNG(`${given.seed},${number},77,5`);
    const seed = [1, 2, 3, 4].map(() => dice.random(65536)).join(",");
    const chosen = any ? [] : [dice.sample(teams), dice.sample(teams)];
    const packed = any ? [randomTeam(dice), randomTeam(dice)] : chosen.map(({ team }) => canonical(team, FORMATS.doubles));
    const policies = [dice.sample(given.policies), dice.sample(given.policies)];
    const game = { format: given.format, teams: packed };
    const battle = play(game, seed, { policies, dice });
    if (given.check) check(game, battle, `battle ${number}`);
    const last = battle.points.at(-1).state;
    points += battle.points.length - 1;
    turns += last.turn;
    for (const point of battle.points) for (const draw of point.draws) {
      draws++;
      const label = draw.label === "effect" ? `effect ${draw.effect} ${draw.event}` : draw.label;
      counts[label] = (counts[label] || 0) + 1;
    }
    lines.push({ number, format: given.format, seed, sheets: chosen.map(team => [team.split, team.number]), teams: packed, policies, ...battle });
  }
  const sizes = write(lines, given.out);
  const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  console.log(`${lines.length} battles, ${turns} turns, ${points} decision points, ${draws} draws; ${sizes}${given.check ? "; each played again from its draws with equal states" : ""}`);
  console.log(sorted.map(([label, count]) => `${count} ${label}`).join("\n"));
}

main();

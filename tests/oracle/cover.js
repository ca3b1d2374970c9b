// Records a short battle for every entry of the vocabulary in which it can be seen at work.
//   node cover.js --seed 1 --out FILE.jsonl.gz
// A move counts as seen once it was used and did not fail; an item or ability once the log names it as the cause of something, or,
// for those that only change numbers, once its holder has hit and been hit; a species once it has moved.
const { PRNG } = require("./showdown.js");
const { check, play, write } = require("./play.js");
const { SPECIES, randomTeam, rows } = require("./sets.js");

const ATTEMPTS = 60;
const LONGEST = 8; // turns
const plain = name => name.toLowerCase().replace(/[^a-z0-9]+/g, "");

function learners(move) {
  return SPECIES.filter(name => rows.species[name].moves.includes(move) || rows.species[name].moves.includes("Iron Head") && /^Behemoth/.test(move) && /-Crowned$/.test(name));
}
// Formes and abilities that come with terastallizing: who gets them.
const risen = name => Object.keys(rows.species).find(species => rows.species[species].battle_only && (species === name || rows.species[species].abilities[0] === name));
const statuses = species => rows.species[species].moves.filter(move => rows.moves[move].category === "Status");

// What the first Pokemon of the first team must have so that an entry can be seen, and the policy that shows it.
function wanted(kind, name, dice) {
  if (risen(name)) return [{ species: rows.species[risen(name)].battle_only }, "show tera"];
  if (name === "Struggle") {
    const species = dice.sample(SPECIES.filter(other => statuses(other).length >= 4 && !rows.species[other].item));
    return [{ species, item: "Assault Vest", moves: statuses(species).slice(0, 4) }, "show "];
  }
  const able = {
    moves: () => learners(name),
    abilities: () => SPECIES.filter(species => rows.species[species].abilities.includes(name)),
    items: () => (rows.items[name].itemUser || SPECIES).filter(species => SPECIES.includes(species) && (rows.species[species].item || name) === name),
    species: () => [name],
  }[kind]();
  const want = { species: dice.sample(able) };
  if (kind !== "species") want[{ moves: "move", items: "item", abilities: "ability" }[kind]] = name;
  return [want, `show ${kind === "moves" ? plain(name) : ""}`];
}

function seen(kind, name, points, strict) {
  const lines = points.flatMap(point => point.log);
  const used = lines.findIndex(line => line.startsWith("|move|p1") && (kind !== "moves" || line.split("|")[3] === name));
  if (kind === "moves") {
    const next = lines.slice(used + 1).findIndex(line => line.startsWith("|move|") || line === "|upkeep");
    const effects = lines.slice(used + 1, next < 0 ? undefined : used + 1 + next);
    return used >= 0 && effects.some(line => line.startsWith("|-")) && !effects.some(line => /^\|-(fail|miss|immune)/.test(line));
  }
  if (kind === "species" && risen(name)) return points.some(({ state }) => state.sides[0].team.some(p => p.species === plain(name)));
  if (kind === "species") return used >= 0;
  const word = kind === "items" ? "item" : "ability";
  const named = lines.some(line => line.includes(`${word}: ${name}`) || (/^\|-(ability|item|enditem)\|/.test(line) && line.includes(`|${name}`)));
  if (named || strict) return named;
  return used >= 0 && lines.some(line => line.startsWith("|-damage|p1"));
}

// The battle in which an entry is seen, or null.
function show(kind, name, seed, place) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const dice = new PRNG(`${seed},${place},${attempt},1`);
    const [want, policy] = wanted(kind, name, dice);
    const format = attempt % 3 === 2 ? "singles6" : "doubles";
    const game = { format, teams: [randomTeam(dice, want), randomTeam(dice)] };
    const policies = [policy, "eager"];
    const strict = attempt < ATTEMPTS / 2; // then what is seen in numbers alone will do
    const enough = (battle, points) => battle.turn > LONGEST || (battle.requestState === "move" && seen(kind, name, points, strict));
    const battle = play(game, [1, 2, 3, 4].map(() => dice.random(65536)).join(","), { policies, dice, enough });
    if (!seen(kind, name, battle.points, strict)) continue;
    check(game, battle, name);
    return { entry: [kind, name], format, teams: game.teams, policies, ...battle };
  }
  return null;
}

function main() {
  const given = { seed: "1" };
  const words = process.argv.slice(2);
  for (let i = 0; i < words.length; i += 2) given[words[i].replace(/^--/, "")] = words[i + 1];
  const lines = [], missed = [];
  let place = 0;
  for (const kind of ["species", "moves", "items", "abilities"]) for (const name of Object.keys(rows[kind])) {
    const found = show(kind, name, given.seed, place++);
    if (found) lines.push({ number: lines.length, ...found });
    else missed.push(`${kind} ${name}`);
  }
  const sizes = write(lines, given.out);
  console.log(`${lines.length} entries seen; ${sizes}\nnot seen: ${missed.join(", ") || "none"}`);
}

main();

// Plays a battle, and who chooses in it. A policy takes (side, legal choices, dice) and gives a choice a place.
const fs = require("fs");
const zlib = require("zlib");
const { choose, legal, start, state } = require("./showdown.js");

const FORMATS = {
  doubles: "gen9vgc2024regg",
  singles3: "gen9bssregi",
  singles6: "gen9bssregi@@@!! Picked Team Size = 6",
};
const LONGEST = 150; // turns
const NAMES = ["random", "eager"]; // who play where nothing else is said
const POLICIES = [...NAMES, "heuristic"];

function pickTeam(side, asked, name, dice) {
  const order = side.pokemon.map(p => p.sheet);
  dice.shuffle(order);
  if (name.startsWith("show")) order.sort((a, b) => (b === 0) - (a === 0));
  return { team: order.slice(0, asked.pick) };
}
// Joint rules: no two places bring in the same Pokemon, one terastallizes, and as few pass as must.
function free(options, taken) {
  const left = options.filter(choice => !(choice[0] === "s" && taken.includes(choice)) && !(choice.endsWith("t") && taken.some(t => t.endsWith("t"))));
  const moving = left.filter(choice => choice !== "p");
  return left.length ? left : moving.length ? moving : ["p"];
}
// "show ID": the first on the sheet leads, stays, and uses the move ID where it can (any move where ID is empty; with ID
// "tera" any move, terastallizing at once).
// random: among all that is legal, switches and own allies as targets less often than their number makes them.
// eager: attacks foes, terastallizes early, switches only when it must.
// heuristic: prefers moves that are strong against whom they meet.
function weigh(choice, name, pokemon) {
  if (name === "heuristic" && choice[0] === "m" && pokemon) return 0.02 + strength(choice, pokemon);
  const eager = name === "eager";
  if (name.startsWith("show") && pokemon?.sheet === 0 && !pokemon.fainted && choice !== "p") {
    const tera = name === "show tera", shown = tera ? "" : name.slice(5);
    if (choice[0] === "s") return 0.01;
    return (!shown || pokemon.moveSlots[Number(choice[1])]?.id === shown ? 1 : 0.05) * (choice.endsWith("t") ? (tera ? 99 : 0.2) : 1);
  }
  if (choice === "p") return 1;
  if (choice[0] === "s") return eager ? 0.02 : 0.35;
  const ally = choice.includes(">-");
  return (ally ? (eager ? 0.05 : 0.35) : 1) * (choice.endsWith("t") ? (eager ? 0.5 : 0.15) : 1);
}
// How well a choice would hit, 1 for a middling attack and for a move that does no damage.
function strength(choice, pokemon) {
  const { battle, side } = pokemon;
  const move = battle.dex.moves.get(pokemon.moveSlots[Number(choice[1])]?.id);
  const tera = choice.endsWith("t") ? 0.4 : 1;
  if (!move.exists || move.category === "Status") return (choice.includes(">-") === move.target.startsWith("adjacentAlly") ? 1 : 0.1) * tera;
  if (choice.includes(">-")) return 0;
  const aimed = /> ?(\d)/.exec(choice);
  const foes = side.foe.active.filter((foe, i) => foe && !foe.fainted && (!aimed || i === Number(aimed[1]) - 1));
  const best = Math.max(0, ...foes.map(foe => (battle.dex.getImmunity(move.type, foe) ? 2 ** battle.dex.getEffectiveness(move.type, foe) : 0)));
  const own = pokemon.hasType(move.type) ? 1.5 : 1;
  return (((move.basePower || 60) / 80) * best * own) ** 2 * tera;
}
function choosePlaces(side, options, name, dice) {
  const chosen = [];
  let passes = side.activeRequest.forceSwitch ? options.filter(o => o.length > 1 && o.includes("p")).length : 0;
  const bench = new Set(options.flat().filter(choice => choice[0] === "s")).size;
  let mustPass = Math.max(0, passes - bench);
  for (const [place, given] of options.entries()) {
    let left = free(given, chosen);
    if (passes && given.length > 1) {
      // of those asked to switch, exactly as many pass as there is nobody for
      const pass = mustPass > 0 && dice.random(passes) < mustPass;
      left = pass ? ["p"] : left.filter(choice => choice !== "p");
      passes--;
      if (pass) mustPass--;
    }
    const weights = left.map(choice => weigh(choice, name, side.active[place]));
    let at = dice.random() * weights.reduce((a, b) => a + b, 0);
    let k = 0;
    while (k < left.length - 1 && at >= weights[k]) at -= weights[k++];
    chosen.push(left[k]);
  }
  return chosen;
}
function decide(side, options, name, dice) {
  return options.pick ? pickTeam(side, options, name, dice) : choosePlaces(side, options, name, dice);
}
// A battle begun, of game {format, teams}: {battle, points, logged}. tape: draws to serve, or null.
function begin(game, seed, tape = null) {
  return { battle: start({ format: FORMATS[game.format], teams: game.teams, seed, tape }), points: [], logged: 0 };
}
// Adds the point a battle has reached; with the legal choices, unless it is over or `enough`. Whether it goes on.
function reach(run, enough = () => false) {
  const { battle, points } = run;
  const point = { draws: battle.prng.draws.splice(0), state: state(battle), log: battle.log.slice(run.logged).filter(line => line !== "|" && !line.startsWith("|t:|")) };
  run.logged = battle.log.length;
  points.push(point);
  if (battle.ended || battle.turn > LONGEST || enough(battle, points)) return false;
  point.legal = battle.sides.map(legal);
  return true;
}
// Goes on with what both sides choose at the point it has reached.
function answer(run, choices) {
  run.points.at(-1).choices = choices;
  run.battle.sides.forEach((side, i) => { if (choices[i]) choose(side, choices[i]); });
  run.battle.commitChoices();
}
// How it ended.
function finish({ battle }) {
  const result = battle.ended ? battle.winner || "tie" : "unfinished";
  battle.destroy();
  return result;
}
// One battle, of game {format, teams}. policies, dice: who chooses, and from what. replay: what was recorded, to be played
// again from its choices and draws. enough: (battle, points) -> whether to stop here.
function play(game, seed, { policies, dice, replay = null, enough = () => false }) {
  const tape = replay && replay.points.flatMap(point => point.draws);
  const run = begin(game, seed, tape);
  const { battle, points } = run;
  while (reach(run, replay ? () => points.length === replay.points.length : enough)) {
    const { legal: options } = points.at(-1);
    answer(run, replay ? replay.points[points.length - 1].choices : battle.sides.map((side, i) => options[i] && decide(side, options[i], policies[i], dice)));
  }
  if (tape?.length) throw new Error(`${tape.length} draws left over`);
  return { points, result: finish(run) };
}

// The first difference between two values as "path: a / b", or null.
function difference(a, b, where = "") {
  if (a === b) return null;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return `${where}: ${JSON.stringify(a)} / ${JSON.stringify(b)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], `${where}.${key}`);
    if (found) return found;
  }
  return null;
}

// Plays a recorded battle again with its draws as the tape: throws at the first difference.
function check(game, battle, name) {
  const again = play(game, "9,9,9,9", { replay: battle });
  const seen = points => points.map(point => [point.state, point.legal]);
  const wrong = difference(seen(battle.points), seen(again.points));
  if (wrong) throw new Error(`${name}: the recorded draws do not fix the battle: ${wrong}`);
}
// Objects, one a line, gzipped without a time stamp: the same battles make the same file. Gives the sizes in words.
function write(lines, out) {
  const text = lines.map(line => JSON.stringify(line)).join("\n") + "\n";
  const zipped = zlib.gzipSync(text, { level: 9 });
  zipped.fill(0, 4, 8);
  if (out) fs.writeFileSync(out, zipped);
  return `${text.length} bytes, ${zipped.length} compressed`;
}

module.exports = { FORMATS, NAMES, POLICIES, answer, begin, check, decide, finish, play, reach, write };

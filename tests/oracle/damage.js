// Records damage cases: a position, and for moves used in it the damage of all 16 rolls on each target. Every attack has its
// turn as the move that both leads must have, and so must somebody who learns it: rare ones are seen as often as others.
//   node damage.js --cases 20000 --seed 1 --out FILE.jsonl.gz
const { PRNG, choose, legal, slot, start, state } = require("./showdown.js");
const { FORMATS, write } = require("./play.js");
const { SPECIES, randomTeam, rows } = require("./sets.js");

const WEATHERS = ["sunnyday", "raindance", "sandstorm", "snowscape"];
const TERRAINS = ["electricterrain", "grassyterrain", "mistyterrain", "psychicterrain"];
const SCREENS = ["reflect", "lightscreen", "auroraveil", "tailwind"];
const STATUSES = ["brn", "par", "psn", "tox", "slp", "frz"];
// What damage can depend on; the rest of the state stays out of the file.
const KEPT = ["species", "gender", "hp", "max_hp", "place", "status", "item", "ability", "types", "tera_type", "terastallized", "stages", "stats", "speed", "volatiles",
  "times_attacked", "last_failed", "stellar", "last_item", "used_item", "hurt", "lowered"];
const ATTACKS = Object.keys(rows.moves).filter(name => rows.moves[name].category !== "Status" && SPECIES.some(species => rows.species[species].moves.includes(name)));
const CHARGING = ["electroshot", "meteorbeam"];
const FORESTALLING = ["suckerpunch", "thunderclap"];

class Enough extends Error {}

const often = (dice, percent) => dice.random(100) < percent;

// A team whose first has an attack.
function teamWith(move, dice) {
  return randomTeam(dice, { move, species: dice.sample(SPECIES.filter(name => rows.species[name].moves.includes(move))) });
}

function position(format, dice, attacks) {
  const teams = attacks.map(move => teamWith(move, dice));
  const battle = start({ format: FORMATS[format], teams, seed: [1, 2, 3, 4].map(() => dice.random(65536)).join(",") });
  for (const side of battle.sides) choose(side, { team: side.pokemon.map(p => p.sheet).slice(0, legal(side).pick) });
  battle.commitChoices();
  if (battle.requestState !== "move") return null;
  const { field } = battle;
  const actives = battle.getAllActive();
  if (often(dice, 40)) field.setWeather(dice.sample(WEATHERS), dice.sample(actives));
  else if (often(dice, 50)) field.clearWeather();
  if (often(dice, 40)) field.setTerrain(dice.sample(TERRAINS), dice.sample(actives));
  else if (often(dice, 50)) field.clearTerrain();
  if (often(dice, 10)) field.addPseudoWeather("trickroom", dice.sample(actives));
  for (const side of battle.sides) for (const screen of SCREENS) if (often(dice, 15)) side.addSideCondition(screen, side.active[0]);
  for (const pokemon of actives) {
    for (const stat of ["atk", "def", "spa", "spd", "spe"]) {
      if (often(dice, 20)) pokemon.boosts[stat] = dice.random(-6, 7);
      else if (often(dice, 50)) pokemon.boosts[stat] = 0;
    }
    if (often(dice, 25) && pokemon.canTerastallize) battle.actions.terastallize(pokemon);
    if (often(dice, 20)) pokemon.setStatus(dice.sample(STATUSES), pokemon, null, true);
    if (often(dice, 40)) pokemon.hp = dice.random(1, pokemon.maxhp + 1);
    if (often(dice, 10)) pokemon.addVolatile("helpinghand", pokemon);
    if (often(dice, 20)) pokemon.timesAttacked = dice.random(7);
    if (often(dice, 20)) pokemon.moveLastTurnResult = false;
    if (often(dice, 10)) { pokemon.item = ""; pokemon.itemState = { id: "" }; }
    if (often(dice, 5) && pokemon.ability === "flashfire") pokemon.addVolatile("flashfire", pokemon);
  }
  battle.updateSpeed();
  return { battle, teams };
}

function brief(battle) {
  const all = state(battle);
  const mon = p => Object.fromEntries(KEPT.filter(key => p[key] !== undefined).map(key => [key, p[key]]));
  return {
    weather: all.weather, terrain: all.terrain, pseudo_weather: Object.keys(all.pseudo_weather),
    sides: all.sides.map(side => ({ conditions: Object.keys(side.conditions), active: side.team.filter(p => p.place >= 0).sort((a, b) => a.place - b.place).map(mon) })),
  };
}

// What one of the 16 rolls changes besides the damage is undone: eaten berries, types Stellar has strengthened.
function trials(battle, modify, given) {
  const [, pokemon, target, move] = given;
  const before = { item: target.item, itemState: target.itemState, lastItem: target.lastItem, ate: target.ateBerry, used: target.usedItemThisTurn, volatiles: { ...target.volatiles },
    stellar: [...pokemon.stellarBoostedTypes], boosted: move.stellarBoosted, hits: move.hitData && JSON.stringify(move.hitData), stages: { ...target.boosts } };
  const rolls = [];
  const randomizer = battle.randomizer;
  const tr = battle.trunc.bind(battle);
  for (let roll = 0; roll < 16; roll++) {
    battle.randomizer = base => tr(tr(base * (100 - roll)) / 100);
    rolls.push(modify.apply(battle.actions, [...given.slice(0, 4), true]));
    target.item = before.item;
    target.itemState = before.itemState;
    target.lastItem = before.lastItem;
    target.ateBerry = before.ate;
    target.usedItemThisTurn = before.used;
    target.volatiles = { ...before.volatiles };
    target.boosts = { ...before.stages };
    pokemon.stellarBoostedTypes = [...before.stellar];
    move.stellarBoosted = before.boosted;
  }
  battle.randomizer = randomizer;
  return rolls;
}

// The first hit of a move on all its targets, without its effects: [{target, critical, rolls}].
function hits(battle, pokemon, move, target, critical) {
  const { actions } = battle;
  const { modifyDamage, getSpreadDamage } = actions;
  const found = [];
  actions.modifyDamage = function (...given) {
    const [, , hit, active] = given;
    found.push({ target: slot(hit), ...(hit.getMoveHitData(active).crit ? { critical: true } : {}), rolls: trials(battle, modifyDamage, given) });
    return modifyDamage.apply(this, given);
  };
  actions.getSpreadDamage = function (...given) {
    getSpreadDamage.apply(this, given);
    throw new Enough();
  };
  const saved = ["event", "effect", "effectState", "eventDepth", "activeMove", "activePokemon", "activeTarget"].map(key => [key, battle[key]]);
  const boosted = [...pokemon.stellarBoostedTypes];
  battle.prng.forced = { accuracy: 0, ...(critical ? { critical: 0 } : {}) };
  if (CHARGING.includes(move)) pokemon.volatiles[move] = battle.initEffectState({ id: move, target: pokemon }); // it has charged
  const { willMove } = battle.queue;
  if (FORESTALLING.includes(move)) battle.queue.willMove = () => ({ choice: "move", move: battle.dex.moves.get("tackle") });
  try {
    actions.useMove(move, pokemon, { target });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  battle.prng.forced = {};
  battle.queue.willMove = willMove;
  for (const [key, value] of saved) battle[key] = value;
  pokemon.stellarBoostedTypes = boosted;
  actions.modifyDamage = modifyDamage;
  actions.getSpreadDamage = getSpreadDamage;
  return found;
}

function record(format, dice, attacks, counts) {
  const begun = position(format, dice, attacks);
  if (!begun) return [];
  const { battle, teams } = begun;
  const lines = [];
  for (const pokemon of battle.getAllActive()) {
    const moves = pokemon.moveSlots.map(({ id }) => id);
    for (const id of often(dice, 2) ? [...moves, "struggle"] : moves) {
      if (battle.dex.moves.get(id).category === "Status" || pokemon.fainted) continue;
      const others = battle.getAllActive().filter(p => p !== pokemon && (p.side !== pokemon.side || often(dice, 10)));
      const target = others.length ? dice.sample(others) : null;
      if (!target || target.fainted) continue;
      const before = brief(battle);
      const text = JSON.stringify(before);
      const found = hits(battle, pokemon, id, target, often(dice, 20));
      if (!found.length) continue;
      counts.moves[id] = (counts.moves[id] || 0) + found.length;
      counts.cases += found.length;
      if (lines.at(-1)?.text !== text) lines.push({ text, line: { format, teams, position: before, cases: [] } });
      lines.at(-1).line.cases.push({ user: slot(pokemon), move: id, at: slot(target), hits: found });
    }
  }
  battle.destroy();
  return lines.map(({ line }) => line);
}

function main() {
  const given = { cases: "1000", seed: "1" };
  const words = process.argv.slice(2);
  for (let i = 0; i < words.length; i += 2) given[words[i].replace(/^--/, "")] = words[i + 1];
  const counts = { cases: 0, moves: {} };
  const lines = [];
  for (let number = 0; counts.cases < Number(given.cases); number++) {
    const dice = new PRNG(`${given.seed},${number},33,9`);
    const attacks = [0, 1].map(side => ATTACKS[(2 * number + side) % ATTACKS.length]);
    lines.push(...record(number % 4 ? "doubles" : "singles3", dice, attacks, counts));
  }
  for (const line of lines) delete line.teams;
  const sizes = write(lines, given.out);
  console.log(`${counts.cases} cases of ${Object.keys(counts.moves).length} moves in ${lines.length} positions; ${sizes}`);
}

main();

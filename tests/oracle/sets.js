// Teams of anything the vocabulary allows: any species with any of its abilities, any item, any moves it learns.
const fs = require("fs");
const path = require("path");
const { Dex, Teams } = require("pokemon-showdown");

const FOLDER = path.join(__dirname, "../../assets/battle");
const table = name => JSON.parse(fs.readFileSync(path.join(FOLDER, `${name}.json`), "utf8"));
const rows = { species: table("species"), moves: table("moves"), items: table("items"), abilities: table("abilities") };
const SPECIES = Object.keys(rows.species).filter(name => !rows.species[name].battle_only);
const ITEMS = Object.keys(rows.items).filter(name => !rows.items[name].itemUser);
const NATURES = Dex.natures.all().map(nature => nature.name);
const TYPES = Dex.types.names().filter(name => name !== "Stellar");
const STATS = ["hp", "atk", "def", "spa", "spd", "spe"];

function spread(dice) {
  const evs = Object.fromEntries(STATS.map(stat => [stat, 0]));
  for (let left = 508; left > 0;) {
    const stat = dice.sample(STATS), more = Math.min(left, 252 - evs[stat], 4 * (1 + dice.random(63)));
    evs[stat] += more;
    left -= more;
    if (dice.random(20) === 0) break;
  }
  return evs;
}

// One set. want: {species, ability, item, move, moves} that it must have, each where given.
function randomSet(dice, taken, want = {}) {
  const name = want.species || dice.sample(SPECIES);
  const row = rows.species[name];
  const abilities = row.abilities.filter(ability => rows.abilities[ability]);
  const free = ITEMS.filter(item => !taken.includes(item));
  const moves = row.moves.slice();
  dice.shuffle(moves);
  const chosen = want.moves || (want.move ? [want.move] : []).concat(moves.filter(move => move !== want.move)).slice(0, 4);
  dice.shuffle(chosen);
  const crowned = /-Crowned$/.test(name);
  return {
    name, species: crowned ? row.base_species : name, ability: want.ability || dice.sample(abilities),
    item: row.item || want.item || dice.sample(free), moves: chosen.map(move => (crowned ? move.replace(/^Behemoth \w+$/, "Iron Head") : move)),
    nature: dice.sample(NATURES), evs: spread(dice), ivs: { hp: 31, atk: 31, def: 31, spa: 31, spd: 31, spe: dice.random(4) ? 31 : 0 },
    gender: row.gender === "MF" ? dice.sample(["M", "F"]) : row.gender, level: 50,
    teraType: row.tera || dice.sample(dice.random(8) ? TYPES : ["Stellar"]),
  };
}
// Six sets of different families with different items; the first is as wanted.
function randomTeam(dice, want = {}) {
  const team = [];
  while (team.length < 6) {
    const set = randomSet(dice, team.map(other => other.item), team.length ? {} : want);
    const family = Dex.species.get(set.species).baseSpecies;
    if (team.every(other => Dex.species.get(other.species).baseSpecies !== family && other.item !== set.item)) team.push(set);
  }
  return Teams.pack(team);
}
module.exports = { SPECIES, randomSet, randomTeam, rows };

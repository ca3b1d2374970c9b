// Teams of anything the vocabulary allows: any species with any of its abilities, any item, any moves it learns; or of what
// seldom meets: moves that bind, trade, seed, charge or sing, and what answers them.
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

const RARE = {
  moves: ["Encore", "Disable", "Taunt", "Imprison", "Substitute", "Trick", "Knock Off", "Perish Song", "Leech Seed", "Yawn", "Roar", "Outrage", "Meteor Beam",
    "Electro Shot", "After You", "Endure", "Feint", "Endeavor", "Ruination", "Follow Me", "Rage Powder", "Parting Shot", "U-turn", "Volt Switch", "Sucker Punch",
    "Thunderclap", "Throat Chop", "Psychic Noise", "Salt Cure", "Toxic Spikes", "Stealth Rock", "Mortal Spin", "Haze", "Clear Smog", "Pollen Puff", "Heal Pulse",
    "Floral Healing", "Lunar Blessing", "Coaching", "Howl", "Triple Axel", "Surging Strikes", "Bullet Seed", "Scale Shot", "Dire Claw", "Matcha Gotcha",
    "Alluring Voice", "Stomping Tantrum", "Gigaton Hammer", "Blood Moon", "Acrobatics", "Expanding Force", "Electric Terrain", "Psychic Terrain", "Misty Terrain",
    "Trick Room", "Tera Blast", "Ice Spinner", "Wide Guard", "Sing", "Sleep Powder", "Spore", "Sacred Fire", "Grassy Glide", "Protect", "Spiky Shield",
    "Burning Bulwark", "Fake Out", "Helping Hand", "Thunder Wave", "Will-O-Wisp", "Toxic", "Poison Gas", "Gyro Ball", "Rage Fist", "Facade", "Aurora Veil",
    "Earthquake", "Discharge", "Icy Wind", "Breaking Swipe", "Snarl", "Parabolic Charge", "Flare Blitz", "Wood Hammer", "Wave Crash", "Draining Kiss", "Sandsear Storm"],
  items: ["Choice Scarf", "Choice Specs", "Choice Band", "Booster Energy", "Mental Herb", "Power Herb", "Throat Spray", "Loaded Dice", "Ability Shield", "Weakness Policy",
    "Iron Ball", "Flame Orb", "Toxic Orb", "Electric Seed", "Psychic Seed", "Grassy Seed", "Misty Seed", "Lum Berry", "Figy Berry", "Wiki Berry", "Aguav Berry", "Sitrus Berry",
    "Black Sludge", "Leftovers", "Rocky Helmet", "Focus Sash", "Safety Goggles", "Covert Cloak", "Clear Amulet", "Life Orb", "Assault Vest", "Light Clay", "Bright Powder"],
};
const rareMoves = new Set(RARE.moves);
const EVEN = { hp: 252, atk: 0, def: 128, spa: 0, spd: 128, spe: 0 };
// Six sets that know as many rare moves as they can. A third each are as anywhere, slow to fall with even speeds, and quick to fall.
function rareTeam(dice) {
  const able = SPECIES.filter(name => rows.species[name].moves.filter(move => rareMoves.has(move)).length > 2);
  const team = [];
  while (team.length < 6) {
    const species = dice.sample(able);
    const taken = team.map(other => other.item);
    const known = rows.species[species].moves.filter(move => rareMoves.has(move));
    dice.shuffle(known);
    const set = randomSet(dice, taken, { species, item: dice.sample(RARE.items.filter(item => !taken.includes(item))), moves: known.slice(0, 4) });
    const build = dice.random(3);
    if (build) Object.assign(set, build === 1 ? { nature: "Serious", evs: EVEN } : { ivs: { ...set.ivs, hp: 0, def: 0, spd: 0 } });
    const family = Dex.species.get(set.species).baseSpecies;
    if (team.every(other => Dex.species.get(other.species).baseSpecies !== family && other.item !== set.item)) team.push(set);
  }
  return Teams.pack(team);
}
module.exports = { SPECIES, randomSet, randomTeam, rareTeam, rows };

// Reads the vocabulary (JSON on stdin: {species, moves, items, abilities}, lists of names) and writes the tables made of
// it (JSON on stdout), from the pokemon-showdown package (MIT). NODE_PATH names the folder it is installed in.
const fs = require("fs");
const { Dex } = require("pokemon-showdown");

const dex = Dex.mod("gen9");
const vocabulary = JSON.parse(fs.readFileSync(0, "utf8"));
const STATS = ["hp", "atk", "def", "spa", "spd", "spe"];

// Fields that say nothing about a battle of this generation, or that every row would repeat.
const SILENT = new Set(["num", "name", "contestType", "zMove", "maxMove", "isNonstandard", "desc", "shortDesc", "gen",
  "spritenum", "realMove", "isZ", "isMax", "rating", "noSketch", "fling", "naturalGift", "condition", "effectType"]);

function found(kind, name) {
  const entry = dex[kind].get(name);
  if (!entry.exists || entry.name !== name) throw new Error(`${kind}: ${name} is not in the package`);
  return entry;
}

// What is data in a row, and the names of what is code: `onHit`, `condition.onStart`, `secondary.onHit`.
function split(row, prefix, code) {
  const data = {};
  for (const [key, value] of Object.entries(row)) {
    if (typeof value === "function") code.push(prefix + key);
    else if (key === "condition") {
      const inner = split(value, "condition.", code);
      if (inner.duration !== undefined) data.duration = inner.duration;
    } else if (key === "ignoreImmunity") data[key] = value;
    else if (SILENT.has(key) || value === null || value === false) continue;
    else if (Array.isArray(value)) data[key] = value.map(v => (Object(v) === v ? split(v, `${prefix}${key}.`, code) : v));
    else if (typeof value === "object") data[key] = split(value, `${prefix}${key}.`, code);
    else if (!/(Priority|Order|SubOrder)$/.test(key)) data[key] = value;
  }
  return data;
}

function coded(row) {
  const code = [];
  const data = split(row, "", code);
  if (data.flags) data.flags = Object.keys(data.flags).sort();
  if (code.length) data.code = code;
  return data;
}

function species(name) {
  const entry = found("species", name);
  const row = {
    types: entry.types,
    base: STATS.map(stat => entry.baseStats[stat]),
    weight: entry.weighthg,
    gender: entry.gender || "MF",
    abilities: Object.values(entry.abilities),
    base_species: entry.baseSpecies,
  };
  if (entry.nfe) row.evolves = true;
  if (entry.tags.includes("Restricted Legendary")) row.restricted = true;
  if (entry.tags.includes("Paradox")) row.paradox = true;
  if (entry.requiredTeraType) row.tera = entry.requiredTeraType;
  if (entry.requiredItem) row.item = entry.requiredItem;
  if (entry.battleOnly && !/-Crowned$/.test(name)) row.battle_only = entry.battleOnly; // crowned before the first turn
  const pool = dex.species.getMovePool(dex.species.get(entry.battleOnly || name).id);
  row.moves = vocabulary.moves.filter(move => pool.has(dex.moves.get(move).id));
  return row;
}

// The type an item strengthens or weakens stands in its code only. Items of one species' own are rules of their own.
function item(name) {
  const row = dex.data.Items[found("items", name).id];
  const data = coded(row);
  if (row.itemUser) return data;
  for (const [key, hook] of [["boost_type", "onBasePower"], ["resist_type", "onSourceModifyDamage"]]) {
    const match = row[hook] && /move\.type === "(\w+)"/.exec(row[hook].toString());
    if (match) data[key] = match[1];
  }
  return data;
}

const table = (names, make) => Object.fromEntries(names.map(name => [name, make(name)]));
const types = dex.types.all().map(type => type.name);
const EFFECT = [0, 1, -1, null]; // neutral, weak, resists, immune
const tables = {
  species: table(vocabulary.species, species),
  moves: table(vocabulary.moves, name => coded({ ...dex.data.Moves[found("moves", name).id] })),
  items: table(vocabulary.items, item),
  abilities: table(vocabulary.abilities, name => coded(dex.data.Abilities[found("abilities", name).id])),
  types: table(types, name => {
    const taken = dex.types.get(name).damageTaken;
    return {
      taken: Object.fromEntries(types.map(other => [other, EFFECT[taken[other] || 0]])),
      immune: Object.keys(taken).filter(key => taken[key] === 3 && !types.includes(key)),
    };
  }),
  natures: table(dex.natures.all().map(nature => nature.name), name => {
    const { plus, minus } = dex.natures.get(name);
    return plus ? { plus, minus } : {};
  }),
};
process.stdout.write(JSON.stringify(tables));

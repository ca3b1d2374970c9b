// A Showdown battle whose every draw is labelled, whose dice can be given from a tape, and whose state, legal choices and
// order of events can be read as plain JSON. README.md says what the fields are.
const { Battle, Dex, PRNG, Teams, TeamValidator } = require("pokemon-showdown");

// Functions of the simulator that draw, and what their draws are for. The nearest of them above a draw names it.
const FRAMES = {
  battle: { getActionSpeed: "aim", randomizer: "roll", getRandomTarget: "target", getTarget: "other", getRandomSwitchable: "drag", runEvent: "effect", singleEvent: "effect", eachEvent: "effect", fieldEvent: "effect" },
  actions: { getDamage: "critical", hitStepAccuracy: "accuracy", hitStepMoveHitLoop: "hits", secondaries: "secondary", selfDrops: "self_drop" },
  queue: { insertChoice: "tie_insert", resolveAction: "aim" },
};

const AIMED = ["normal", "any", "adjacentFoe", "adjacentAlly", "adjacentAllyOrSelf", "randomNormal"];

class TapeError extends Error {}

class LabelledDice extends PRNG {
  constructor(seed, tape = null) {
    super(seed);
    this.draws = [];
    this.forced = {}; // value by label
    this.tape = tape; // draws to serve in order, or null: draw from the seed
    this.frames = []; // [label, first argument]
    this.battle = null;
    this.secondaryTarget = null;
    this.aimed = null; // [who, move] of getRandomTarget
  }
  // One draw of `faces`, or the next of the tape. rest: what else is recorded.
  take(label, faces, rest, fresh) {
    const draw = { label, faces, value: 0, ...rest };
    if (this.tape) {
      const next = this.tape.shift();
      if (!next || next.label !== label || next.faces !== faces)
        throw new TapeError(`drew ${JSON.stringify(draw)}, the tape has ${JSON.stringify(next)}`);
      draw.value = next.value;
    } else draw.value = this.forced[label] ?? fresh();
    this.draws.push(draw);
    return draw.value;
  }
  label(kind) {
    const battle = this.battle;
    if (!battle) return ["setup", {}];
    let label = this.frames.at(-1)?.[0] || "other";
    const rest = {};
    const put = (key, value) => { if (value !== undefined && value !== null && value !== "") rest[key] = value; };
    const move = battle.activeMove;
    if (label === "hits" && kind === "chance") label = "accuracy"; // of a later hit
    if (label === "tie_insert") {
      const action = [this.frames.at(-1)[1]].flat()[0];
      return [label, { inserted: actionName(action), queue: battle.queue.list.map(actionName) }];
    }
    if (label === "effect") {
      put("effect", battle.effect?.id);
      put("event", battle.event?.id);
      put("holder", slot(battle.effectState?.target));
    }
    if (label === "target") {
      // Drawn anew when the move is used, or of no use to a move that is not aimed at one.
      const [who, aimed] = this.aimed;
      const data = battle.dex.moves.get(aimed);
      rest.inert = this.frames.some(([frame]) => frame === "aim") || !AIMED.includes(data.target);
      return [label, { ...rest, move: data.id, user: slot(who) }];
    }
    put("move", move?.id);
    put("user", slot(battle.activePokemon));
    put("target", slot(label === "secondary" ? this.secondaryTarget : battle.activeTarget));
    if (move?.hit > 1) put("hit", move.hit);
    return [label, rest];
  }
  // The event being sorted for, or "order" for the queue of actions.
  event() {
    const frame = this.frames.at(-1);
    return frame?.[0] === "effect" ? String(frame[1]) : "order";
  }
  random(from, to) {
    if (!this.battle) return super.random(from, to);
    const [label, rest] = this.label("random");
    const low = to === undefined ? 0 : from, faces = (to === undefined ? from : to) - low;
    if (low) rest.low = low;
    return low + this.take(label, faces, rest, () => super.random(faces));
  }
  randomChance(numerator, denominator) {
    if (!this.battle) return super.randomChance(numerator, denominator);
    const [label, rest] = this.label("chance");
    return this.take(label, denominator, { below: numerator, ...rest }, () => super.random(denominator)) < numerator;
  }
  sample(items) {
    if (!this.battle) return super.sample(items);
    const [label, rest] = this.label("sample");
    return items[this.take(label, items.length, rest, () => super.random(items.length))];
  }
  // Ties: value is the order, as places in the list before. Showdown sorts in place, so the tied are given by name.
  shuffle(items, start = 0, end = items.length) {
    if (!this.battle) return super.shuffle(items, start, end);
    const tied = items.slice(start, end);
    const [label, names] = tieNames(tied);
    const order = this.take(label, tied.length, { event: this.event(), tied: names }, () => {
      const places = tied.map((_, i) => i);
      for (let i = 0; i < places.length - 1; i++) {
        const j = super.random(i, places.length);
        [places[i], places[j]] = [places[j], places[i]];
      }
      return places;
    });
    order.forEach((place, i) => { items[start + i] = tied[place]; });
  }
}

const actionName = a => `${slot(a.pokemon) || ""}:${a.choice}${a.move ? " " + a.move.id : ""}`;
function tieNames(tied) {
  if (tied[0].choice) return ["tie_action", tied.map(actionName)];
  if (tied[0].side && tied[0].species) return ["tie_pokemon", tied.map(slot)];
  return ["tie_handler", tied.map(h => `${holder(h.effectHolder)}:${h.effect?.id}`)];
}
function holder(who) {
  if (!who) return "";
  return who.species ? slot(who) : who.id || "field";
}
// "p1a" for the active in place a, "p1-3" for a benched Pokemon, third on the sheet.
function slot(pokemon) {
  if (!pokemon?.side) return undefined;
  return pokemon.isActive ? pokemon.side.id + "ab"[pokemon.position] : `${pokemon.side.id}-${pokemon.sheet + 1}`;
}

// A team as the simulator wants it: checked, and with formes as they are before the battle. format null: unchecked.
function canonical(text, format) {
  const team = Teams.import(text);
  const problems = format ? TeamValidator.get(format).validateTeam(team) : null;
  if (problems) throw new Error(problems.join("; "));
  return Teams.pack(team);
}

// {format, teams: [packed, packed], seed, tape}: a battle at team preview.
function start({ format, teams, seed, tape = null }) {
  const dice = new LabelledDice(seed, tape);
  const battle = new Battle({ formatid: format, prng: dice, strictChoices: false });
  dice.battle = battle;
  watch(battle, dice);
  battle.setPlayer("p1", { name: "p1", team: teams[0] });
  number(battle.sides[0]);
  battle.setPlayer("p2", { name: "p2", team: teams[1] });
  number(battle.sides[1]);
  return battle;
}
// The sheet's order stays on each Pokemon; the simulator moves them about.
function number(side) {
  side?.pokemon.forEach((pokemon, i) => { pokemon.sheet ??= i; });
}
function watch(battle, dice) {
  for (const [part, methods] of Object.entries(FRAMES)) {
    const object = part === "battle" ? battle : battle[part];
    for (const [name, label] of Object.entries(methods)) {
      const original = object[name];
      object[name] = function (...given) {
        if (name === "runEvent" && given[0] === "ModifySecondaries") dice.secondaryTarget = given[1];
        if (name === "getRandomTarget") dice.aimed = given;
        dice.frames.push([label, given[0]]);
        try {
          return original.apply(this, given);
        } finally {
          dice.frames.pop();
        }
      };
    }
  }
  // Pokemon are numbered before anything is drawn for them: teams are complete before the battle starts.
  const begin = battle.start.bind(battle);
  battle.start = () => { battle.sides.forEach(number); return begin(); };
}

// --- state ---

const QUIET = new Set(["id", "target", "source", "sourceSlot", "sourceEffect", "linkedPokemon", "linkedStatus", "isSlotCondition", "name"]);
function scalars(state) {
  const out = {};
  for (const [key, value] of Object.entries(state || {})) {
    if (QUIET.has(key) || value === undefined || value === null) continue;
    if (["number", "string", "boolean"].includes(typeof value)) out[key] = value;
  }
  if (state?.sourceSlot) out.source = state.sourceSlot;
  return out;
}
const conditions = all => Object.fromEntries(Object.entries(all).map(([id, state]) => [id, scalars(state)]));
const nonzero = all => Object.fromEntries(Object.entries(all).filter(([, value]) => value));

function pokemonState(p) {
  const out = {
    species: p.species.id, level: p.level, gender: p.gender, hp: p.hp, max_hp: p.maxhp, place: p.isActive ? p.position : -1,
    fainted: p.fainted, status: p.status, status_state: scalars(p.statusState), item: p.item, ability: p.ability, types: p.getTypes(),
    tera_type: p.teraType, terastallized: p.terastallized || "", stages: nonzero(p.boosts), stats: { ...p.baseStoredStats },
    moves: p.moveSlots.map(m => ({ id: m.id, pp: m.pp, max_pp: m.maxpp, ...(m.used ? { used: true } : {}), ...(m.disabled ? { disabled: true } : {}) })),
    volatiles: conditions(p.volatiles),
  };
  if (p.isActive) out.speed = p.getActionSpeed();
  const more = {
    base_ability: p.baseAbility !== p.ability ? p.baseAbility : "", last_item: p.lastItem, last_move: p.lastMove?.id, last_target: p.lastMoveTargetLoc,
    move_this_turn: p.moveThisTurn, move_last_result: p.moveLastTurnResult, move_this_result: p.moveThisTurnResult,
    times_attacked: p.timesAttacked, active_turns: p.activeTurns, move_actions: p.activeMoveActions, hurt: p.hurtThisTurn, newly: p.newlySwitched,
    raised: p.statsRaisedThisTurn, lowered: p.statsLoweredThisTurn, used_item: p.usedItemThisTurn, ate_berry: p.ateBerry, trapped: !!p.trapped,
    switch_flag: p.switchFlag ? String(p.switchFlag) : "", shield_boost: p.shieldBoost, sword_boost: p.swordBoost, stellar: p.stellarBoostedTypes?.join(","),
    can_tera: p.canTerastallize || "", last_failed: p.moveLastTurnResult === false,
  };
  for (const [key, value] of Object.entries(more)) if (value) out[key] = value;
  const ability = scalars(p.abilityState), item = scalars(p.itemState);
  if (Object.keys(ability).length) out.ability_state = ability;
  if (Object.keys(item).length) out.item_state = item;
  return out;
}
function state(battle) {
  const { field } = battle;
  return {
    turn: battle.turn, request: battle.requestState, ended: battle.ended, winner: battle.ended ? battle.winner || "tie" : "",
    weather: field.weather, weather_state: scalars(field.weatherState), terrain: field.terrain, terrain_state: scalars(field.terrainState),
    pseudo_weather: conditions(field.pseudoWeather),
    queue: battle.queue.list.map(a => ({ choice: a.choice, who: slot(a.pokemon), ...(a.move ? { move: a.move.id, at: a.targetLoc, priority: a.priority } : {}) })),
    sides: battle.sides.map(side => ({
      order: side.pokemon.map(p => p.sheet), left: side.pokemonLeft, fainted: side.totalFainted,
      conditions: conditions(side.sideConditions), slots: side.slotConditions.map(conditions),
      fainted_this_turn: slot(side.faintedThisTurn) || "", fainted_last_turn: slot(side.faintedLastTurn) || "",
      team: [...side.pokemon].sort((a, b) => a.sheet - b.sheet).map(p => ({ sheet: p.sheet, ...pokemonState(p) })),
    })),
  };
}

// --- choices ---

// What each place of a side may choose, each for itself: null while the side waits; at preview, how many are picked.
function legal(side) {
  const request = side.activeRequest;
  if (!request || request.wait || !side.requestState) return null;
  if (request.teamPreview) return { pick: side.battle.ruleTable.pickedTeamSize || side.pokemon.length, lead: side.active.length };
  const bench = side.pokemon.filter(p => !p.isActive && !p.fainted && p.position >= side.active.length).map(p => `s${p.sheet}`);
  if (request.forceSwitch) {
    const asked = request.forceSwitch.filter(Boolean).length;
    return request.forceSwitch.map(must => (must ? [...bench, ...(asked > bench.length ? ["p"] : [])] : ["p"]));
  }
  return side.active.map(pokemon => activeChoices(pokemon, bench));
}
function activeChoices(pokemon, bench) {
  if (!pokemon || pokemon.fainted) return ["p"];
  const { battle } = pokemon;
  const data = pokemon.side.activeRequest.active[pokemon.position];
  const full = pokemon.getMoves();
  const options = [];
  const locked = pokemon.getLockedMove();
  if (locked || !full.length) {
    const place = pokemon.moveSlots.findIndex(m => m.id === locked);
    options.push(`m${Math.max(place, 0)}`);
  } else
    full.forEach((move, i) => {
      if (move.disabled) return;
      let targets = [""];
      if (side(pokemon).active.length > 1 && battle.actions.targetTypeChoices(move.target))
        targets = [-2, -1, 1, 2].filter(at => battle.validTargetLoc(at, pokemon, move.target)).map(at => `>${at}`);
      for (const target of targets) {
        options.push(`m${i}${target}`);
        if (data.canTerastallize) options.push(`m${i}${target}t`);
      }
    });
  if (!data.trapped && !pokemon.trapped) options.push(...bench);
  return options;
}
const side = pokemon => pokemon.side;

// The words Showdown takes for one place's choice.
function words(pokemon, choice) {
  if (choice === "p") return "pass";
  if (choice[0] === "s") return `switch ${pokemon.side.pokemon.findIndex(p => p.sheet === Number(choice.slice(1))) + 1}`;
  const [, place, target, tera] = /^m(\d)(?:>(-?\d))?(t?)$/.exec(choice);
  if (!pokemon.getLockedMove() && !pokemon.getMoves().length) return "move"; // it struggles, though its owner may not know that yet
  const request = pokemon.side.activeRequest.active[pokemon.position];
  const number = request.moves.length === 1 ? 1 : Number(place) + 1;
  return `move ${number}${target ? " " + target : ""}${tera ? " terastallize" : ""}`;
}
// choices: a list with one choice a place, or {team: sheet numbers} at preview.
function choose(side, choices) {
  const text = choices.team
    ? "team " + choices.team.map(sheet => side.pokemon.findIndex(p => p.sheet === sheet) + 1).join("")
    : choices.map((choice, i) => words(side.active[i] || side.pokemon[i], choice)).join(", ");
  if (!side.choose(text)) throw new Error(`refused: ${text} (${choices}): ${side.choice.error}`);
}

module.exports = { Battle, Dex, LabelledDice, PRNG, TapeError, Teams, canonical, choose, legal, slot, start, state };

// How fast Showdown plays random legal battles: JSON on stdin {format, teams: packed, seconds}, JSON on stdout {battles, turns,
// requests, seconds: of the processor}. Nothing is sent, drawn or stored. NODE_PATH as for tables.js.
const fs = require("fs");
const { Battle, PRNG, Teams } = require("pokemon-showdown");

const { format, teams, seconds } = JSON.parse(fs.readFileSync(0, "utf8"));
const packed = teams.map(text => Teams.pack(Teams.import(text)));
const dice = new PRNG("1,2,3,4");
const LONGEST = 150; // turns

// What one place may do, as words for Showdown, without what another place has taken.
function options(side, place, taken) {
  const { active, forceSwitch } = side.activeRequest;
  const waiting = side.pokemon.flatMap((pokemon, i) => (pokemon.isActive || pokemon.fainted || i < side.active.length ? [] : [`switch ${i + 1}`]));
  const bench = waiting.filter(choice => !taken.includes(choice));
  if (forceSwitch) return forceSwitch[place] && bench.length ? bench : ["pass"];
  const pokemon = side.active[place];
  if (!pokemon || pokemon.fainted) return ["pass"];
  const { moves, canTerastallize, trapped } = active[place];
  const free = canTerastallize && !taken.some(choice => choice.endsWith("terastallize"));
  const words = moves.flatMap((move, i) => {
    if (move.disabled) return [];
    const aimed = side.active.length > 1 && moves.length > 1 && side.battle.actions.targetTypeChoices(move.target);
    const at = aimed ? [-2, -1, 1, 2].filter(k => side.battle.validTargetLoc(k, pokemon, move.target)).map(k => ` ${k}`) : [""];
    return at.flatMap(target => [`move ${i + 1}${target}`, ...(free ? [`move ${i + 1}${target} terastallize`] : [])]);
  });
  return trapped ? words : [...words, ...bench];
}

function decide(side) {
  if (side.activeRequest.teamPreview) {
    const order = side.pokemon.map((_, i) => i + 1);
    dice.shuffle(order);
    return "team " + order.join("");
  }
  const chosen = [];
  for (let place = 0; place < side.active.length; place++) chosen.push(dice.sample(options(side, place, chosen)));
  return chosen.join(", ");
}

function play(count) {
  const battle = new Battle({ formatid: format, seed: [1, 2, 3, 4].map(() => dice.random(65536)).join(",") });
  for (const name of ["p1", "p2"]) battle.setPlayer(name, { name, team: dice.sample(packed) });
  while (!battle.ended && battle.turn < LONGEST) {
    for (const side of battle.sides) {
      if (!side.activeRequest || side.activeRequest.wait || side.isChoiceDone()) continue;
      const words = decide(side);
      if (!side.choose(words)) throw new Error(`refused: ${words}: ${side.choice.error}`);
    }
    battle.commitChoices();
    count.requests++;
  }
  count.battles++;
  count.turns += battle.turn;
  battle.destroy();
}

for (let i = 0; i < 20; i++) play({ requests: 0, battles: 0, turns: 0 }); // warm
const count = { battles: 0, turns: 0, requests: 0 };
const begins = process.cpuUsage();
const spent = () => {
  const { user, system } = process.cpuUsage(begins);
  return (user + system) / 1e6;
};
while (spent() < seconds) play(count);
process.stdout.write(JSON.stringify({ ...count, seconds: spent() }));

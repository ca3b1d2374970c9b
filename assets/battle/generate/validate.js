// Reads teams (JSON on stdin: {format, teams: packed or paste}) and writes what Showdown makes of each (JSON on stdout:
// [{team, packed, paste, problems}]): packed and exported again, and what its validator says. NODE_PATH as for tables.js.
const fs = require("fs");
const { Teams, TeamValidator } = require("pokemon-showdown");

const { format, teams } = JSON.parse(fs.readFileSync(0, "utf8"));
const validator = TeamValidator.get(format);
const verdicts = teams.map(text => {
  const team = Teams.import(text);
  const [packed, paste] = [Teams.pack(team), Teams.export(team)];
  return { team: text, packed, paste, problems: validator.validateTeam(team) || [] };
});
process.stdout.write(JSON.stringify(verdicts));

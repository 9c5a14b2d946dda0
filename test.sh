#!/usr/bin/env bash
# Installs what the tests need, builds everything, runs every test and prints the counts.
# ./test.sh            all tests
# ./test.sh Contract   only the test projects whose name contains the word
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
only="${1:-}"
started=$SECONDS

say() { printf '\n== %s\n' "$*"; }

say "What the tests need"
command -v dotnet >/dev/null || { echo "The .NET SDK 10 is missing: install it first."; exit 1; }
command -v node >/dev/null || { echo "Node 20 is missing: install it first."; exit 1; }
missing=()
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || missing+=(mosquitto)
command -v mosquitto_pub >/dev/null || missing+=(mosquitto-clients)
command -v chromium >/dev/null || missing+=(chromium)
[ -n "$(ls /usr/share/fonts/opentype/noto/*CJK* 2>/dev/null)$(fc-list 2>/dev/null | grep -i 'noto.*cjk')" ] || missing+=(fonts-noto-cjk)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
command -v influxd >/dev/null || missing+=(influxdb)
command -v victoria-metrics >/dev/null || missing+=(victoria-metrics)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing from Debian: ${missing[*]}"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || { echo "apt-get could not install ${missing[*]}"; exit 1; }
  else
    echo "Not installed (needs root): ${missing[*]}. The tests that need them are skipped and say so."
  fi
else
  echo "mosquitto, Chromium with a Chinese font, PostgreSQL, InfluxDB and VictoriaMetrics are here."
fi

say "Build"
dotnet build CommandCenter.sln -v q -m:2 || { echo "The build failed."; exit 1; }

passed=0; failed=0; skipped=0; broken=()
run_project() {
  local project=$1 log; log=$(mktemp)
  say "$project"
  timeout 900 dotnet "tests/$project/bin/Debug/net10.0/$project.dll" -noColor 2>&1 | tee "$log" | grep -vE '^\s*$' | tail -n 40
  local status=${PIPESTATUS[0]}
  local total f e s p
  count() { grep -oE "^ +$project  Total: .*" "$log" | tail -n1 | grep -oE "$1: [0-9]+" | grep -oE '[0-9]+'; }
  total=$(count Total); e=$(count Errors); f=$(count Failed); s=$(count Skipped)
  f=$((${f:-0} + ${e:-0})); p=$((${total:-0} - f - ${s:-0}))
  passed=$((passed + ${p:-0})); failed=$((failed + ${f:-0})); skipped=$((skipped + ${s:-0}))
  if [ "$status" != 0 ] && [ "${f:-0}" = 0 ]; then failed=$((failed + 1)); fi
  [ "$status" = 0 ] || broken+=("$project")
  rm -f "$log"
}

for project in Style.Tests CommandCenter.Grains.Tests IotIngest.Tests CommandCenter.Web.Tests City.Simulation CommandCenter.Cluster.Tests Contract.Tests EndToEnd.Tests; do
  [[ -z "$only" || "$project" == *"$only"* ]] && run_project "$project"
done

if [[ -z "$only" || "Client" == *"$only"* ]]; then
  say "TypeScript of the wall"
  log=$(mktemp)
  (cd src/CommandCenter.Web && npm test --silent) 2>&1 | tee "$log" | tail -n 12
  status=${PIPESTATUS[0]}
  p=$(grep -oE '^# pass [0-9]+' "$log" | grep -oE '[0-9]+' | tail -n1); f=$(grep -oE '^# fail [0-9]+' "$log" | grep -oE '[0-9]+' | tail -n1)
  p=${p:-$(grep -oE '^ℹ pass [0-9]+' "$log" | grep -oE '[0-9]+' | tail -n1)}; f=${f:-$(grep -oE '^ℹ fail [0-9]+' "$log" | grep -oE '[0-9]+' | tail -n1)}
  passed=$((passed + ${p:-0})); failed=$((failed + ${f:-0}))
  if [ "$status" != 0 ]; then broken+=(TypeScript); [ "${f:-0}" != 0 ] || failed=$((failed + 1)); fi
  rm -f "$log"
fi

say "Result after $((SECONDS - started)) s"
minimum=$(cat tests/minimum.txt)
if [ -z "$only" ] && [ "$passed" -lt "$minimum" ]; then
  echo "Only $passed tests passed; tests/minimum.txt asks for $minimum."
  failed=$((failed + 1))
fi
[ ${#broken[@]} -eq 0 ] || echo "Failed in: ${broken[*]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ ${#broken[@]} -eq 0 ]

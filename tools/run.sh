# Sourced by ./kg and ./kg-lab: builds a program of this clone when it is missing or older than its sources, and runs it.
# Arguments: the assembly's name, the program's own project under src, then the program's arguments.
run_program() {
    local root name="$1" project="$2" dll stale
    shift 2
    root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
    dll="$root/src/$project/bin/Release/net10.0/$name.dll"
    if [[ -f "$dll" ]]; then
        # Any source under src: which of them the program uses is the project files' business. A build that has nothing to do is short.
        stale="$(find "$root/src" "$root"/Directory.*.props -type d \( -name bin -o -name obj \) -prune \
            -o -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' \) -newer "$dll" -print -quit)"
    else
        stale="$dll"
    fi
    if [[ -n "$stale" ]]; then
        echo "building $name ..." >&2
        dotnet build -c Release "$root/src/$project" --nologo -v quiet -p:RunAnalyzers=false >&2
        touch "$dll"
    fi
    exec dotnet "$dll" "$@"
}

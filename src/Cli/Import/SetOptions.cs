using System.CommandLine;
using KgOrleans.CommandLine;
using KgOrleans.Import.Sets;

namespace KgOrleans.Cli.Import;

/// <summary>Arguments and options that the imports of data sets share.</summary>
internal sealed class SetOptions
{
    private readonly Connection _connection = new();
    private readonly Argument<string> _path = new("path") { Description = "The downloaded zip file, or the directory that it was unpacked to." };
    private readonly Option<string> _prefix = new(
        "--prefix")
    { Description = "Text before every item, user, creator and song id.", DefaultValueFactory = _ => "" };
    private readonly Option<bool> _keepTime = new(
        "--keep-time")
    { Description = "Keep times; otherwise all are moved by one delta, so that the newest is now." };
    private readonly Option<bool> _json = new("--json") { Description = "Write the summary as one line of JSON." };

    /// <summary>Adds them to a command.</summary>
    public SetOptions AddTo(Command command)
    {
        command.Arguments.Add(_path);
        command.Options.Add(_prefix);
        command.Options.Add(_keepTime);
        command.Options.Add(_json);
        _connection.AddTo(command);
        return this;
    }

    /// <summary>Reads a set and sends it; returns the exit code.</summary>
    public async Task<int> RunAsync(
        ParseResult parsed, Terminal terminal, string? holdOutFile, Func<DataFolder, IdScope, ImportSet> read, CancellationToken cancellation)
    {
        var prefix = parsed.GetValue(_prefix)!;
        if (!IdScope.IsPrefix(prefix))
            throw new InputException($"--prefix {prefix}: must be at most {IdScope.LongestPrefix} characters of A-Z a-z 0-9 _ . : -");
        var ids = new IdScope(prefix);
        using var folder = DataFolder.Open(parsed.GetRequiredValue(_path));
        using var client = _connection.Open(parsed);
        var run = new ImportRun(
            client, terminal, TimeProvider.System)
        { KeepTime = parsed.GetValue(_keepTime), Json = parsed.GetValue(_json), HoldOutFile = holdOutFile };
        return await run.RunAsync(() => read(folder, ids), cancellation);
    }
}

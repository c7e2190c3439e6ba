using System.CommandLine;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Import;

/// <summary><c>kg import items|users|events</c>.</summary>
public static class ImportFileCommand
{
    /// <summary>The command of one sort of document, named like its endpoint.</summary>
    public static Command Create(string sort)
    {
        var command = new Command(
            sort, $"Sends {sort} from NDJSON, one document to a line. A bad line is refused alone; the exit code is then {ExitCode.Usage}.");
        var path = new Argument<string>("file") { Description = "The file, or - for standard input." };
        var json = new Option<bool>("--json") { Description = "Write the summary as one line of JSON." };
        command.Arguments.Add(path);
        command.Options.Add(json);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            await using var lines = Open(parsed.GetRequiredValue(path));
            var run = new ImportRun(client, terminal, TimeProvider.System) { Json = parsed.GetValue(json) };
            return await run.RunFileAsync(sort, lines, cancellation);
        });
        return command;
    }

    private static Stream Open(string path) =>
        path == "-" ? Console.OpenStandardInput()
        : File.Exists(path) ? File.OpenRead(path)
        : throw new InputException($"{path}: no such file");
}

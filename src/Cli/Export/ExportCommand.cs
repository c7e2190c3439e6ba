using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using Spectre.Console;

namespace KgOrleans.Cli.Export;

/// <summary><c>kg export</c>.</summary>
public static class ExportCommand
{
    private static readonly string[] Sorts = ["items", "events"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "export",
            "Writes all items and events of a running service to a folder, as kg import and kg-lab fit take them. Needs the admin key. The service goes on "
            + "meanwhile: what is written during the export may or may not be in it.");
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Made when absent. items.ndjson and events.ndjson in it are replaced." };
        var json = new Option<bool>("--json") { Description = "Write the summary as one line of JSON." };
        command.Arguments.Add(folder);
        command.Options.Add(json);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            var directory = parsed.GetRequiredValue(folder).FullName;
            Directory.CreateDirectory(directory);
            var lines = new Dictionary<string, long>();
            foreach (var sort in Sorts)
                lines[sort] = await WriteAsync(client, terminal, directory, sort, cancellation);
            if (parsed.GetValue(json))
                terminal.WriteLine(JsonSerializer.Serialize(lines));
            else
                terminal.Out.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{lines["items"]:n0} items and {lines["events"]:n0} events are in {directory}"));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Writes one sort of lines. The file has its name only when it is whole: an export that was interrupted leaves none behind.</summary>
    /// <returns>How many lines.</returns>
    private static async Task<long> WriteAsync(KgClient client, Terminal terminal, string directory, string sort, CancellationToken cancellation)
    {
        var (path, aside) = (Path.Combine(directory, $"{sort}.ndjson"), Path.Combine(directory, $"{sort}.ndjson.part"));
        var count = 0L;
        try
        {
            await using (var file = File.Create(aside))
            {
                await CountProgress.RunAsync(terminal.Error, TimeProvider.System, async progress =>
                {
                    var show = progress.Begin(sort, total: null);
                    for (var next = $"v1/export/{sort}"; next is not null; show(count))
                    {
                        (var lines, next) = await client.ExportAsync(next, cancellation);
                        await file.WriteAsync(lines, cancellation);
                        count += lines.AsSpan().Count((byte)'\n');
                    }
                });
            }
            File.Move(aside, path, overwrite: true);
            return count;
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }
}

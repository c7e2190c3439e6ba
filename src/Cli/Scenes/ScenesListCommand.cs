using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KgOrleans.CommandLine;
using Spectre.Console;

namespace KgOrleans.Cli.Scenes;

/// <summary><c>kg scenes list</c>.</summary>
public static class ScenesListCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("list", "Lists the scenes with their newest versions.");
        var json = new Option<bool>("--json") { Description = "Write the answer as it came: every document, on one line." };
        command.Options.Add(json);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            var (text, reply) = await client.ListScenesAsync(cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteLine(text);
                return ExitCode.Ok;
            }
            var table = new Table().Border(TableBorder.Rounded).AddColumn("scene").AddColumn(
                new TableColumn("version").RightAligned()).AddColumn("written").AddColumn("description");
            foreach (var s in reply.Scenes)
                table.AddRow(
                    SafeText.Of(s.Scene), SafeText.Of(s.Version.ToString(CultureInfo.InvariantCulture)),
                    SafeText.Of(SceneVersionText.Written(s.BuiltIn, s.WrittenAt, s.RestoredFrom)), SafeText.Of(Description(s.Document)));
            terminal.Out.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Description(JsonElement document) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : "";
}

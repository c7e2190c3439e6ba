using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KgOrleans.CommandLine;
using Spectre.Console;

namespace KgOrleans.Cli.Scenes;

/// <summary><c>kg scenes get</c>.</summary>
public static class ScenesGetCommand
{
    private static readonly JsonSerializerOptions Indented = new(
        )
    { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("get", "Writes a scene's document, defaults included, as kg scenes put takes it; the version goes to standard error.");
        var scene = ScenesCommand.SceneArgument();
        var version = new Argument<int?>("version") { Description = "An older version; the newest when absent.", Arity = ArgumentArity.ZeroOrOne };
        command.Arguments.Add(scene);
        command.Arguments.Add(version);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            var found = await client.GetSceneAsync(parsed.GetRequiredValue(scene), parsed.GetValue(version), cancellation);
            terminal.WriteLine(JsonSerializer.Serialize(found.Document, Indented));
            terminal.Error.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture, $"version {found.Version}, {SceneVersionText.Written(found.BuiltIn, found.WrittenAt, found.RestoredFrom)}"));
            return ExitCode.Ok;
        });
        return command;
    }
}

using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Scenes;

/// <summary><c>kg scenes validate</c>.</summary>
public static class ScenesValidateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "validate",
            $"Checks a document against a service, pinned items included, and writes nothing. Every problem is named; the exit code is then {ExitCode.Usage}.");
        var scene = ScenesCommand.SceneArgument();
        var file = ScenesCommand.FileArgument();
        command.Arguments.Add(scene);
        command.Arguments.Add(file);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            var replaced = await client.ValidateSceneAsync(
                parsed.GetRequiredValue(scene), await ScenesCommand.ReadAsync(parsed.GetRequiredValue(file), cancellation), cancellation);
            terminal.WriteLine(
                replaced == 0 ? "valid: it would be a new scene" : string.Create(CultureInfo.InvariantCulture, $"valid: it would replace version {replaced}"));
            return ExitCode.Ok;
        });
        return command;
    }
}

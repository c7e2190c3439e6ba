using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Scenes;

/// <summary><c>kg scenes put</c>.</summary>
public static class ScenesPutCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("put", "Writes the next version of a scene. What the document leaves out has its default; every problem is named.");
        var scene = ScenesCommand.SceneArgument();
        var file = ScenesCommand.FileArgument();
        var ifMatch = ScenesCommand.IfMatchOption();
        command.Arguments.Add(scene);
        command.Arguments.Add(file);
        command.Options.Add(ifMatch);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            var name = parsed.GetRequiredValue(scene);
            var version = await client.PutSceneAsync(
                name, await ScenesCommand.ReadAsync(parsed.GetRequiredValue(file), cancellation), parsed.GetValue(ifMatch), cancellation);
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} is at version {version}"));
            return ExitCode.Ok;
        });
        return command;
    }
}

using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Scenes;

/// <summary><c>kg scenes restore</c>.</summary>
public static class ScenesRestoreCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("restore", "Makes the content of an older version the next version.");
        var scene = ScenesCommand.SceneArgument();
        var version = new Argument<int>("version") { Description = "The older version." };
        var ifMatch = ScenesCommand.IfMatchOption();
        command.Arguments.Add(scene);
        command.Arguments.Add(version);
        command.Options.Add(ifMatch);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            var (name, from) = (parsed.GetRequiredValue(scene), parsed.GetRequiredValue(version));
            var written = await client.RestoreSceneAsync(name, from, parsed.GetValue(ifMatch), cancellation);
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} is at version {written}, as version {from}"));
            return ExitCode.Ok;
        });
        return command;
    }
}

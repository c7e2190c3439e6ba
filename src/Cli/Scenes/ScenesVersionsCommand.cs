using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;
using Spectre.Console;

namespace KgOrleans.Cli.Scenes;

/// <summary><c>kg scenes versions</c>.</summary>
public static class ScenesVersionsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("versions", "Lists the versions of a scene that are kept, newest first.");
        var scene = ScenesCommand.SceneArgument();
        var json = new Option<bool>("--json") { Description = "Write the answer as it came." };
        command.Arguments.Add(scene);
        command.Options.Add(json);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            var (text, reply) = await client.ListSceneVersionsAsync(parsed.GetRequiredValue(scene), cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteLine(text);
                return ExitCode.Ok;
            }
            var table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn("version").RightAligned()).AddColumn("written");
            foreach (var v in reply.Versions)
                table.AddRow(
                    SafeText.Of(v.Version.ToString(CultureInfo.InvariantCulture)), SafeText.Of(
                        SceneVersionText.Written(v.BuiltIn, v.WrittenAt, v.RestoredFrom)));
            terminal.Out.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }
}

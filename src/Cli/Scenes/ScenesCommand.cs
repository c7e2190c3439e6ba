using System.CommandLine;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Scenes;

/// <summary><c>kg scenes</c>.</summary>
public static class ScenesCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new(
        "scenes", "Shows and changes scenes: what each stage of the funnel does for one surface of the product. Changes apply without a restart.")
    {
        ScenesListCommand.Create(),
        ScenesGetCommand.Create(),
        ScenesPutCommand.Create(),
        ScenesValidateCommand.Create(),
        ScenesVersionsCommand.Create(),
        ScenesRestoreCommand.Create(),
    };

    internal static Argument<string> SceneArgument() => new("scene") { Description = "Name of the scene." };

    internal static Argument<string> FileArgument() => new("file") { Description = "The document as JSON, or - for standard input." };

    internal static Option<int?> IfMatchOption() => new("--if-match") { Description = "Only when this is the newest version." };

    internal static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        if (path != "-")
            return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellation) : throw new InputException($"{path}: no such file");
        using var memory = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(memory, cancellation);
        return memory.ToArray();
    }
}

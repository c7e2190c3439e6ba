using System.Text.RegularExpressions;

namespace KgOrleans.Chaos.Tests;

/// <summary>Whatever stops a start is told in a few lines that name the file, without a stack.</summary>
[Trait("Suite", "Chaos")]
public sealed partial class RefusedStartTests
{
    [Fact]
    public async Task A_start_that_is_refused_names_the_file_and_shows_no_stack()
    {
        var data = Path.Combine(Path.GetTempPath(), "kg-refused-" + Guid.NewGuid().ToString("N"));
        try
        {
            await using (var node = await NodeProcess.StartAsync(data))
            {
                await node.PostAsync(
                    "/v1/items", Enumerable.Range(0, 40).Select(i => new { itemId = $"w{i}", creatorId = "c1", kind = "audio" }).ToArray());
                await node.PostAsync("/v1/events", new { events = new[] { new { userId = "u1", itemId = "w1", type = "like" } } });
                await node.KillAsync();
            }
            foreach (var (file, damage) in Faults())
            {
                var path = Path.Combine(data, file);
                if (file.EndsWith('*'))
                    path = Directory.GetFiles(Path.GetDirectoryName(path)!, "*-*").Order(StringComparer.Ordinal).Last();
                var before = File.Exists(path) ? await File.ReadAllBytesAsync(path) : null;
                damage(path);
                var refused = await Record.ExceptionAsync(async () => await (await NodeProcess.StartAsync(data)).DisposeAsync());
                Assert.True(refused is InvalidOperationException, $"a start with a damaged {file} was not refused: {refused}");
                Assert.Contains("The service did not start:", refused.Message, StringComparison.Ordinal);
                Assert.Contains(Path.GetFileNameWithoutExtension(path), refused.Message, StringComparison.Ordinal);
                Assert.False(StackLine().IsMatch(refused.Message), $"{file}: {refused.Message}");
                if (Directory.Exists(path))
                    Directory.Delete(path);
                if (before is not null)
                    await File.WriteAllBytesAsync(path, before);
            }
            await using var again = await NodeProcess.StartAsync(data);
            Assert.Contains("w1", await again.Http.GetStringAsync("/v1/users/u1"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static (string File, Action<string> Damage)[] Faults() =>
    [
        // First: a start that opens the states and is refused for something else writes this file back into them.
        ("state/grains.db-wal", File.Delete),
        ("catalogue.json", path => File.WriteAllText(path, "{")),
        ("catalogue.json", File.Delete),
        ("logs/events.json", path => File.WriteAllText(path, "{")),
        ("logs/manifest.json", path => File.WriteAllText(path, "[1]")),
        ("logs/events-00/*", path => File.WriteAllText(path, "KG")),
        ("logs/events-03/*", File.Delete),
        ("logs/shard-002/*", FlipLast),
        ("logs/shard-004/manifest", FlipLast),
        ("logs/shard-005/manifest", path =>
        {
            File.Delete(path);
            Directory.CreateDirectory(path);
        }),
        ("state/grains.db", File.Delete),
        ("keys/page-token.key", path => File.WriteAllText(path, "short")),
        ("keys/page-token.key", path =>
        {
            File.Delete(path);
            Directory.CreateDirectory(path);
        }),
    ];

    private static void FlipLast(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    [GeneratedRegex(@"^\s+at \w", RegexOptions.Multiline)]
    private static partial Regex StackLine();
}

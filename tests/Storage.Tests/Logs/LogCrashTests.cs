using KgOrleans.Storage.Tests.Children;

namespace KgOrleans.Storage.Tests.Logs;

[Trait("Suite", "Chaos")]
public sealed class LogCrashTests : IDisposable
{
    private readonly LogFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Every_acknowledged_append_survives_kill_9_round_after_round()
    {
        var acknowledged = new List<string>();
        for (int round = 0; round < 3; round++)
        {
            using var child = ChildProcess.Start("append", _fixture.Root);
            for (int i = 0; i < 200; i++)
                acknowledged.Add((await child.ReadLineAsync())!);
            acknowledged.AddRange(await child.KillAsync());
        }

        await using var log = await _fixture.Store.OpenAsync("shard-000");
        var read = (await LogFixture.ReadAllAsync(log)).Select(payload => System.Text.Encoding.UTF8.GetString(payload)).ToList();

        // Writers restart at number 0 each round: every acknowledgement has a record of its own.
        var counts = read.CountBy(line => line).ToDictionary();
        foreach (var (line, count) in acknowledged.CountBy(line => line))
            Assert.True(counts.GetValueOrDefault(line) >= count, $"{line}: acknowledged {count} times, stored {counts.GetValueOrDefault(line)} times");
        Assert.True(read.Count <= acknowledged.Count + 3 * ChildPrograms.Writers);
    }

    [Fact]
    public async Task A_full_disk_reaches_the_appender_and_leaves_a_log_that_reopens()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("File size limits are a POSIX means of filling a disk.");
        using var child = ChildProcess.Start("full", _fixture.Root);
        var (exitCode, output) = await child.WaitAsync();
        Assert.True(exitCode == 0, output);
    }
}

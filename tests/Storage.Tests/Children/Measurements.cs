using System.Diagnostics;
using KgOrleans.Storage.Sqlite;

namespace KgOrleans.Storage.Tests.Children;

/// <summary>Throughput of durable writes on this machine: <c>dotnet run -c Release --project tests/Storage.Tests -- child measure DIRECTORY</c>.</summary>
internal static class Measurements
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(string root)
    {
        foreach (int appenders in (int[])[1, 32])
        {
            await using var log = await ChildPrograms.OpenStore(root).OpenAsync($"measure-{appenders}");
            byte[] payload = new byte[500];
            Random.Shared.NextBytes(payload);
            double rate = await RateAsync(appenders, _ => log.AppendAsync([payload]).AsTask());
            Console.WriteLine($"log append + fsync, 500 bytes, {appenders,2} appenders: {rate,9:N0} records/s");
        }
        var opening = Stopwatch.StartNew();
        await using (var log = await ChildPrograms.OpenStore(root).OpenAsync("measure-32"))
        {
            double megabytes = log.EndPosition / 1e6;
            Console.WriteLine($"log open (every checksum verified):            {megabytes / opening.Elapsed.TotalSeconds,9:N0} MB/s");
            opening.Restart();
            int records = 0;
            await foreach (var record in log.ReadAsync())
                records++;
            Console.WriteLine($"log replay, 500 bytes:                         {records / opening.Elapsed.TotalSeconds,9:N0} records/s");
        }
        await using var store = SqliteStateStore.Open(new SqliteGrainStorageOptions { Path = Path.Combine(root, "measure.db") }, TimeProvider.System);
        const int Writers = 32, Keys = 1000;
        byte[] state = new byte[16 << 10];
        Random.Shared.NextBytes(state);
        long?[] versions = new long?[Keys];
        int[] next = new int[Writers];
        double writes = await RateAsync(Writers, async writer =>
        {
            // Each writer owns every 32nd key.
            int key = (next[writer]++ % (Keys / Writers) * Writers) + writer;
            versions[key] = (await store.WriteAsync("user", $"user/{key}", state, versions[key], CancellationToken.None)).Version;
        });
        Console.WriteLine($"SQLite state writes, 16 KB, {Writers} writers, {Keys} keys: {writes,9:N0} writes/s");
        double reads = await RateAsync(Writers, async writer => await store.ReadAsync("user", $"user/{writer}", CancellationToken.None));
        Console.WriteLine($"SQLite state reads, 16 KB, {Writers} readers:            {reads,9:N0} reads/s");
    }

    private static async Task<double> RateAsync(int workers, Func<int, Task> action)
    {
        var clock = Stopwatch.StartNew();
        long[] counts = await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            long count = 0;
            for (; clock.Elapsed < Span; count++)
                await action(worker);
            return count;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }
}

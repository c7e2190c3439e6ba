using System.Globalization;
using System.Text;
using KgOrleans.Storage.Events;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Storage.Tests.Children;

/// <summary>Programs that tests run in processes of their own. What they print is an acknowledgement: it is flushed after the store said durable.</summary>
public static class ChildPrograms
{
    public const int Writers = 8;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["append", var root]:
                await using (var log = await OpenStore(root).OpenAsync("shard-000"))
                    await WriteForeverAsync((writer, number) => log.AppendAsync([Payload(writer, number)]).AsTask());
                return 0;
            case ["events", var root]:
                await using (var log = await EventLog.OpenAsync(OpenStore(root), new EventLogOptions()))
                    await WriteForeverAsync(
                        (writer, number) => log.AppendAsync((ulong)writer, [new EventEntry(IdOf(writer, number), Payload(writer, number))]).AsTask());
                return 0;
            case ["state", var path]:
                await using (var store = SqliteStateStore.Open(new SqliteGrainStorageOptions { Path = path }, TimeProvider.System))
                    await WriteStatesForeverAsync(store);
                return 0;
            case ["hold", var path]:
                using (DataDirectory.Open(path))
                {
                    Console.WriteLine("held");
                    Console.In.ReadLine();
                }
                return 0;
            case ["full", var root]:
                return await DiskFull.RunAsync(OpenStore(root));
            case ["measure", var root]:
                await Measurements.RunAsync(root);
                return 0;
            default:
                Console.Error.WriteLine($"Unknown child program: {string.Join(' ', args)}");
                return 2;
        }
    }

    public static byte[] Payload(int writer, int number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{writer}:{number}"));

    public static ulong IdOf(int writer, int number) => (ulong)writer << 32 | (uint)number;

    public static LocalLogStore OpenStore(string root) => new(root, NullLogger<LocalLogStore>.Instance);

    private static Task WriteForeverAsync(Func<int, int, Task> append) => Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
    {
        for (int number = 0; ; number++)
        {
            await append(writer, number);
            Acknowledge(writer, number);
        }
    })));

    private static Task WriteStatesForeverAsync(SqliteStateStore store) => Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
    {
        long? version = null;
        for (int number = 0; ; number++)
        {
            version = (await store.WriteAsync("s", $"g/{writer}", Payload(writer, number), version, CancellationToken.None)).Version;
            Acknowledge(writer, number);
        }
    })));

    private static void Acknowledge(int writer, int number)
    {
        lock (Console.Out)
        {
            Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{writer}:{number}\n"));
            Console.Out.Flush();
        }
    }
}

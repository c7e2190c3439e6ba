using System.Runtime.InteropServices;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Tests.Children;

/// <summary>Makes the file system refuse to grow a file, as a full disk does, by lowering the limit of this process; then lifts it again.</summary>
internal static partial class DiskFull
{
    private const int FileSizeLimit = 1;
    private const int FileSizeSignal = 25;
    private const nint Ignore = 1;

    public static async Task<int> RunAsync(LocalLogStore store)
    {
        var log = await store.OpenAsync("shard-000");
        await log.AppendAsync([new byte[1000]]);
        _ = Signal(FileSizeSignal, Ignore);
        SetLimit(1500);
        for (int round = 0; round < 2; round++)
        {
            var failure = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync([new byte[1000]]).AsTask());
            Assert.NotNull(failure.InnerException);
            Assert.True(failure.IsTransient);
        }
        Assert.Null(log.Failure);
        SetLimit(ulong.MaxValue);
        await log.AppendAsync([new byte[7]]);
        await log.DisposeAsync();

        await using var reopened = await store.OpenAsync("shard-000");
        var sizes = new List<int>();
        await foreach (var record in reopened.ReadAsync())
            sizes.Add(record.Payload.Length);
        Assert.Equal([1000, 7], sizes);
        return 0;
    }

    private static void SetLimit(ulong bytes)
    {
        var limit = new Limit { Soft = bytes, Hard = ulong.MaxValue };
        if (SetResourceLimit(FileSizeLimit, in limit) != 0)
            throw new InvalidOperationException($"setrlimit: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetResourceLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int number, nint handler);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}

using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.TestSupport;
using static KgOrleans.Storage.Tests.Logs.Blobs.BlobLogFixture;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

public sealed class BlobLogSegmentTests(BlobLogFixture logs) : BlobLogTests(logs)
{
    [Fact]
    public async Task What_is_appended_is_read_in_any_range()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        byte[] expected = Bytes(1, 5_000);
        await using var segment = await medium.CreateAsync("s1", expected.AsMemory(0, 80), None);
        for (int start = 80; start < expected.Length; start += 820)
            await segment.AppendAsync(start, expected.AsMemory(start, 820), None);

        Assert.Equal(expected, await Logs.ContentAsync(name, "s1"));
        foreach (var (offset, count) in new[] { (0, 5_000), (0, 1), (79, 3), (4_999, 1), (5_000, 0) })
        {
            byte[] read = new byte[count];
            await medium.ReadAsync("s1", offset, read, None);
            Assert.Equal(expected[offset..(offset + count)], read);
        }
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await medium.ReadAsync("s1", 4_999, new byte[2], None));
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await medium.ReadAsync("s1", 5_000, new byte[1], None));
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await medium.ReadAsync("s1", 9_000, new byte[1], None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await segment.AppendAsync(4_000, new byte[1], None));
        Assert.Equal(("kg-logs/logs/" + name + "/s1", "kg-logs/logs/" + name + "/manifest"), (medium.Describe("s1"), medium.Describe(null)));
    }

    [Fact]
    public async Task Segments_are_listed_without_the_manifest_and_gone_once_deleted()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        Assert.Empty(await medium.ListAsync(None));
        await medium.WriteManifestAsync("m"u8.ToArray(), null, None);
        await medium.CreateAsync("s1", new byte[80], None);
        await medium.CreateAsync("s2", new byte[80], None);
        await using (var neighbour = Logs.Open(name + "0"))
            await neighbour.CreateAsync("s3", new byte[80], None);
        Assert.Equal(["s1", "s2"], (await medium.ListAsync(None)).Order(StringComparer.Ordinal));
        await medium.DeleteAsync("s1", None);
        await medium.DeleteAsync("s1", None);
        Assert.Equal(["s2"], await medium.ListAsync(None));
        var missing = await Assert.ThrowsAsync<StorageException>(async () => await medium.ReadAsync("s1", 0, new byte[1], None));
        Assert.Equal((false, true), (missing.IsTransient, missing.Message.Contains($"kg-logs/logs/{name}/s1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_segment_that_an_earlier_try_left_is_replaced()
    {
        string name = NewName();
        await using (var earlier = Logs.Open(name))
        {
            var left = await earlier.CreateAsync("s1", Bytes(1, 80), None);
            await left.AppendAsync(80, Bytes(2, 100), None);
        }
        await using var medium = Logs.Open(name);
        var segment = await medium.CreateAsync("s1", Bytes(3, 80), None);
        await segment.AppendAsync(80, Bytes(4, 10), None);
        Assert.Equal<byte[]>([.. Bytes(3, 80), .. Bytes(4, 10)], await Logs.ContentAsync(name, "s1"));
    }

    [Fact]
    public async Task A_segment_is_made_whole_although_answers_are_lost()
    {
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port) { Fault = Fault.LoseAnswers };
        await using var medium = Logs.Open(name, port: proxy.Port);
        var creating = medium.CreateAsync("s1", Bytes(1, 80), None).AsTask();
        while (!await Logs.AppendBlob(name, "s1").ExistsAsync())
            Assert.False(creating.IsCompleted);
        proxy.Fault = Fault.None;
        var segment = await creating;
        await segment.AppendAsync(80, Bytes(2, 10), None);
        Assert.Equal<byte[]>([.. Bytes(1, 80), .. Bytes(2, 10)], await Logs.ContentAsync(name, "s1"));
    }

    [Fact]
    public async Task Every_append_is_there_once_although_answers_are_lost_and_connections_cut()
    {
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var medium = Logs.Open(name, port: proxy.Port);
        await using var probe = Logs.Open(name, new BlobLogOptions { RetryTime = TimeSpan.Zero }, proxy.Port);
        var random = new Random(7);
        var expected = new List<byte>(Bytes(0, 80));
        var segment = await medium.CreateAsync("s1", expected.ToArray(), None);
        // Server errors come last: the client then asks for leave before it sends a body, and the proxy would lose that answer.
        for (int i = 0; i < 60; i++)
        {
            byte[] content = Bytes(i, random.Next(1, 200_000));
            proxy.Fault = random.Next(3) switch { 0 => Fault.None, 1 => Fault.Cut, _ => i < 40 ? Fault.LoseAnswers : Fault.ServerError };
            var append = segment.AppendAsync(expected.Count, content, None).AsTask();
            if (proxy.Fault == Fault.LoseAnswers)
                await Logs.CarriedOutAsync(append, name, "s1", expected.Count + content.Length);
            // A request of another connection that has failed: the append's, which is older, has most likely failed too.
            else if (proxy.Fault != Fault.None)
                await Assert.ThrowsAsync<StorageException>(async () => await probe.ReadManifestAsync(None));
            Assert.False(append.IsCompleted && proxy.Fault != Fault.None);
            proxy.Fault = Fault.None;
            await append;
            expected.AddRange(content);
        }
        Assert.Equal(expected, await Logs.ContentAsync(name, "s1"));
        Assert.Equal(61, (await Logs.AppendBlob(name, "s1").GetPropertiesAsync()).Value.BlobCommittedBlockCount);
    }

    [Fact]
    public async Task The_longest_commit_is_one_block_that_is_there_whole_or_not_at_all()
    {
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var medium = Logs.Open(name, port: proxy.Port);
        var segment = await medium.CreateAsync("s1", new byte[80], None);
        byte[] content = Bytes(1, LogLimits.MaxAppendBytes + (1 << 20));
        proxy.Fault = Fault.LoseAnswers;
        var append = segment.AppendAsync(80, content, None).AsTask();
        var found = await Logs.CarriedOutAsync(append, name, "s1", 81);
        Assert.Equal((80L + content.Length, 2), (found.ContentLength, found.BlobCommittedBlockCount));
        proxy.Fault = Fault.None;
        await append;
        byte[] read = new byte[content.Length];
        await medium.ReadAsync("s1", 80, read, None);
        Assert.True(content.AsSpan().SequenceEqual(read));
        Assert.Equal(80 + content.Length, (await medium.CloseAsync("s1", None)).Acknowledged);
    }

    [Fact]
    public async Task A_blob_has_never_more_blocks_than_it_may()
    {
        string name = NewName();
        var options = new BlobLogOptions { MaxBlocks = 12 };
        await using var medium = Logs.Open(name, options);
        var segment = await medium.CreateAsync("s1", new byte[80], None);
        long length = 80;
        for (; !segment.IsFull; length++)
            await segment.AppendAsync(length, new byte[1], None);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await segment.AppendAsync(length, new byte[1], None));
        var closers = Enumerable.Range(0, 4).Select(_ => Logs.Open(name, options)).ToArray();
        var lengths = await Task.WhenAll(closers.Select(closer => closer.CloseAsync("s1", None).AsTask()));
        Assert.All(lengths, found => Assert.Equal(length, found.Bytes));
        int blocks = (await Logs.AppendBlob(name, "s1").GetPropertiesAsync()).Value.BlobCommittedBlockCount;
        Assert.InRange(blocks, 9, 12);
        Assert.Equal((500, 8L << 20, TimeSpan.FromMilliseconds(50)), (new BlobLogOptions().MaxBlocks, Logs.Open(name).SegmentBytes, Logs.Open(name).Linger));
        Assert.Throws<ArgumentOutOfRangeException>(() => Logs.Open(name, new BlobLogOptions { MaxBlocks = BlobLogOptions.LeastBlocks - 1 }));
    }
}

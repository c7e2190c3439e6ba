using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.TestSupport;
using static KgOrleans.Storage.Tests.Logs.Blobs.BlobLogFixture;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

public sealed class BlobLogFenceTests(BlobLogFixture logs) : BlobLogTests(logs)
{
    private const int Seeds = 100;

    [Fact]
    public async Task A_closed_segment_takes_no_append_of_its_writer_and_keeps_its_length()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        await using var other = Logs.Open(name);
        var segment = await medium.CreateAsync("s1", Bytes(1, 80), None);
        await segment.AppendAsync(80, Bytes(2, 20), None);
        Assert.Equal(new SegmentLength(100, 100), await other.CloseAsync("s1", None));
        var fenced = await Assert.ThrowsAsync<LogFencedException>(async () => await segment.AppendAsync(100, Bytes(3, 20), None));
        Assert.Equal(
            $"Log kg-logs/logs/{name} has another writer now: segment s1 does not end at 100, and what is there is not ours. This one stops.", fenced.Message);
        // A closing that starts over after a crash, of the same writer and of the next one.
        Assert.Equal(100, (await other.CloseAsync("s1", None)).Bytes);
        Assert.Equal(100, (await Logs.Open(name).CloseAsync("s1", None)).Bytes);
        Assert.Equal<byte[]>([.. Bytes(1, 80), .. Bytes(2, 20)], (await Logs.ContentAsync(name, "s1"))[..100]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task A_segment_of_any_length_is_fenced_once_however_often_it_is_closed(int length)
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        await LeftAsync(name, Bytes(1, length));
        for (int closing = 0; closing < 3; closing++)
        {
            Assert.Equal(new SegmentLength(length, length), await medium.CloseAsync("s1", None));
            Assert.Equal(length + BlobFence.Bytes, (await Logs.ContentAsync(name, "s1")).Length);
        }
    }

    [Fact]
    public async Task The_first_of_several_fences_ends_a_segment()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        byte[] content = Bytes(1, 200);
        byte[] head = content[..BlobFence.HeadBytes];
        await LeftAsync(name, content, BlobFence.Create("s1", head), BlobFence.Create("s1", head), BlobFence.Create("s1", head));
        Assert.Equal(new SegmentLength(200, 200), await medium.CloseAsync("s1", None));
    }

    [Fact]
    public async Task A_payload_with_the_fence_of_another_segment_is_no_fence()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        byte[] head = Bytes(1, 80);
        await medium.CreateAsync("s1", head, None);
        await medium.CloseAsync("s1", None);
        byte[] fence = (await Logs.ContentAsync(name, "s1"))[80..];
        Assert.True(BlobFence.Is("s1", head, fence));

        var sameHead = await medium.CreateAsync("s2", head, None);
        await sameHead.AppendAsync(80, fence, None);
        Assert.Equal(128, (await medium.CloseAsync("s2", None)).Bytes);
        await using var otherLog = Logs.Open(NewName());
        var otherHead = await otherLog.CreateAsync("s1", Bytes(2, 80), None);
        await otherHead.AppendAsync(80, fence, None);
        Assert.Equal(128, (await otherLog.CloseAsync("s1", None)).Bytes);
        for (int at = 0; at < fence.Length; at++)
        {
            byte[] damaged = [.. fence];
            damaged[at] ^= 1;
            Assert.False(BlobFence.Is("s1", head, damaged));
        }
    }

    [Fact]
    public async Task A_segment_that_does_not_exist_cannot_be_closed()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        var missing = await Assert.ThrowsAsync<StorageException>(async () => await medium.CloseAsync("s9", None));
        Assert.Equal(
            ($"Blob kg-logs/logs/{name}/s9 at 127.0.0.1:{Logs.Azurite.Port} does not exist.", false), (missing.Message, missing.IsTransient));
    }

    [Fact]
    public async Task An_append_whose_answer_was_lost_counts_when_the_closing_writer_found_it()
    {
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var medium = Logs.Open(name, port: proxy.Port);
        await using var other = Logs.Open(name);
        var segment = await medium.CreateAsync("s1", new byte[80], None);
        proxy.Fault = Fault.LoseAnswers;
        var append = segment.AppendAsync(80, Bytes(1, 20), None).AsTask();
        await Logs.CarriedOutAsync(append, name, "s1", 100);
        Assert.Equal(100, (await other.CloseAsync("s1", None)).Bytes);
        Assert.False(append.IsCompleted);
        proxy.Fault = Fault.None;
        await append;
        await Assert.ThrowsAsync<LogFencedException>(async () => await segment.AppendAsync(100, new byte[1], None));
    }

    [Fact]
    public async Task A_closing_whose_answers_are_lost_ends_the_segment_where_its_writer_stood()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        await medium.CreateAsync("s1", new byte[80], None);
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var other = Logs.Open(name, port: proxy.Port);
        for (int request = 0; request < 8; request++)
        {
            proxy.Fault = Fault.LoseAnswers;
            var closing = other.CloseAsync("s1", None).AsTask();
            await medium.ListAsync(None);
            proxy.Fault = Fault.None;
            Assert.Equal(80, (await closing).Bytes);
        }
    }

    [Fact]
    public async Task Of_two_live_writers_the_earlier_one_is_never_answered_for_what_the_later_one_did_not_find()
    {
        var printed = TestContext.Current.TestOutputHelper;
        await Parallel.ForAsync(0, Seeds, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (seed, _) =>
        {
            try
            {
                await TakeOverAsync(seed);
            }
            catch (Exception)
            {
                printed?.WriteLine($"seed {seed} failed");
                throw;
            }
        });
    }

    private async Task LeftAsync(string name, params byte[][] blocks)
    {
        var blob = Logs.AppendBlob(name, "s1");
        await blob.CreateAsync();
        foreach (byte[] block in blocks.Where(block => block.Length > 0))
            await blob.AppendBlockAsync(new MemoryStream(block));
    }

    private async Task TakeOverAsync(int seed)
    {
        var random = new Random(seed);
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var earlier = Logs.Open(name, port: proxy.Port);
        await using var later = Logs.Open(name);
        string tag = await earlier.WriteManifestAsync("earlier"u8.ToArray(), null, None);
        var written = new List<byte>(Bytes(seed, 80));
        var segment = await earlier.CreateAsync("s1", written.ToArray(), None);
        long acknowledged = written.Count;
        using var answered = new SemaphoreSlim(0);
        var writing = Task.Run(async () =>
        {
            for (int i = 0; ; i++)
            {
                byte[] content = Bytes(seed * 1_000 + i, 1 + (seed * 31 + i * 17) % 2_000);
                written.AddRange(content);
                await segment.AppendAsync(acknowledged, content, None);
                acknowledged += content.Length;
                answered.Release();
            }
        });
        for (int wait = random.Next(6); wait > 0; wait--)
            await answered.WaitAsync();
        // Every other time an append is under way whose answer nobody gets.
        if (seed % 2 == 1)
            proxy.Fault = Fault.LoseAnswers;
        var closed = await later.CloseAsync("s1", None);
        proxy.Fault = Fault.None;
        await later.WriteManifestAsync("later"u8.ToArray(), tag, None);

        await Assert.ThrowsAsync<LogFencedException>(() => writing.WaitAsync(TimeSpan.FromMinutes(1)));
        await Assert.ThrowsAsync<LogFencedException>(async () => await earlier.WriteManifestAsync("earlier"u8.ToArray(), tag, None));
        Assert.InRange(closed.Bytes, acknowledged, written.Count);
        byte[] found = new byte[closed.Bytes];
        await later.ReadAsync("s1", 0, found, None);
        Assert.Equal(written.GetRange(0, found.Length), found);
    }
}

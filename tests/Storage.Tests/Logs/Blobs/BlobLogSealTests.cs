using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using KgOrleans.Storage.Logs;
using static KgOrleans.Storage.Tests.Logs.Blobs.BlobLogFixture;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

public sealed class BlobLogSealTests(BlobLogFixture logs) : BlobLogTests(logs)
{
    private static readonly byte[] Content = Bytes(1, 9_000_000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sealed_segment_has_every_byte_in_a_block_blob_and_no_fence(bool isClosed)
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        await WriteAsync(medium, "s1");
        if (isClosed)
            await medium.CloseAsync("s1", None);
        await medium.SealedAsync("s1", Content.Length, None);

        var blob = Assert.Single(await BlobsAsync(name));
        Assert.Equal(($"logs/{name}/s1.sealed", BlobType.Block), (blob.Name, blob.Properties.BlobType));
        Assert.Equal(Content.Length, blob.Properties.ContentLength);
        await using var other = Logs.Open(name);
        foreach (var reader in new[] { medium, other })
        {
            await ReadAllAsync(reader, "s1");
            await Assert.ThrowsAsync<EndOfStreamException>(async () => await reader.ReadAsync("s1", Content.Length - 1, new byte[2], None));
            Assert.Equal(new SegmentLength(Content.Length, Content.Length), await reader.CloseAsync("s1", None));
            Assert.Equal(["s1"], await reader.ListAsync(None));
            await reader.SealedAsync("s1", Content.Length, None);
        }
        await medium.DeleteAsync("s1", None);
        Assert.Empty(await BlobsAsync(name));
        // This reader still takes it for sealed.
        await Assert.ThrowsAsync<StorageException>(async () => await other.ReadAsync("s1", 0, new byte[1], None));
    }

    [Fact]
    public async Task Reads_succeed_while_segments_are_sealed()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        string[] segments = ["s1", "s2", "s3", "s4", "s5", "s6"];
        foreach (string segment in segments)
            await medium.CreateAsync(segment, Content.AsMemory(0, 100_000), None);
        var done = new TaskCompletionSource();
        var readers = Enumerable.Range(0, 3).Select(async _ =>
        {
            await using var reader = Logs.Open(name);
            byte[] read = new byte[50_000];
            int rounds = 0;
            for (; !done.Task.IsCompleted || rounds == 0; rounds++)
            {
                foreach (string segment in segments)
                {
                    await reader.ReadAsync(segment, 20_000, read, None);
                    Assert.True(Content.AsSpan(20_000, 50_000).SequenceEqual(read));
                }
            }
        }).ToArray();
        foreach (string segment in segments)
            await medium.SealedAsync(segment, 100_000, None);
        done.SetResult();
        await Task.WhenAll(readers);
        Assert.All(await BlobsAsync(name), blob => Assert.Equal(BlobType.Block, blob.Properties.BlobType));
    }

    [Fact]
    public async Task A_crash_between_the_two_forms_leaves_a_segment_that_is_read_listed_once_closed_and_sealed_again()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        await WriteAsync(medium, "s1");
        await Logs.Container.GetBlockBlobClient($"logs/{name}/s1.sealed").UploadAsync(new MemoryStream(Content));
        await ReadAllAsync(medium, "s1");
        Assert.Equal(["s1"], await medium.ListAsync(None));
        Assert.Equal(Content.Length, (await medium.CloseAsync("s1", None)).Bytes);
        await medium.SealedAsync("s1", Content.Length, None);
        Assert.Equal($"logs/{name}/s1.sealed", Assert.Single(await BlobsAsync(name)).Name);
        await ReadAllAsync(medium, "s1");

        await WriteAsync(medium, "s2");
        await Logs.Container.GetBlockBlobClient($"logs/{name}/s2.sealed").UploadAsync(new MemoryStream(Content));
        await medium.DeleteAsync("s2", None);
        Assert.Equal(["s1"], await medium.ListAsync(None));
    }

    [Fact]
    public async Task A_segment_that_is_shorter_than_said_stays_as_it_is_with_a_warning()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        await medium.CreateAsync("s1", new byte[80], None);
        await medium.SealedAsync("s1", 81, None);
        Assert.Equal(BlobType.Append, Assert.Single(await BlobsAsync(name)).Properties.BlobType);
        string warning = $"Log segment kg-logs/logs/{name}/s1 stays an append blob, which is slower to read: it ends at 80, before 81";
        Assert.Contains(Logger.Entries, entry => entry.Message == warning);
    }

    [Fact]
    public async Task A_deletion_during_sealing_leaves_nothing()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        await WriteAsync(medium, "s1");
        var sealing = medium.SealedAsync("s1", Content.Length, None);
        await medium.DeleteAsync("s1", None);
        await sealing;
        Assert.Empty(await BlobsAsync(name));
    }

    private static async Task WriteAsync(ILogMedium medium, string name)
    {
        await using var segment = await medium.CreateAsync(name, Content.AsMemory(0, 80), None);
        for (int start = 80; start < Content.Length; start += 1_000_000)
            await segment.AppendAsync(start, Content.AsMemory(start, Math.Min(1_000_000, Content.Length - start)), None);
    }

    private static async Task ReadAllAsync(ILogMedium medium, string segment)
    {
        byte[] read = new byte[Content.Length];
        await medium.ReadAsync(segment, 0, read, None);
        Assert.True(Content.AsSpan().SequenceEqual(read));
    }

    private async Task<List<BlobItem>> BlobsAsync(string name)
    {
        var blobs = new List<BlobItem>();
        await foreach (var blob in Logs.Container.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"logs/{name}/", None))
            blobs.Add(blob);
        return blobs;
    }
}

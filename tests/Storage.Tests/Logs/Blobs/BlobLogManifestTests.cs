using KgOrleans.Storage.Logs;
using KgOrleans.TestSupport;
using static KgOrleans.Storage.Tests.Logs.Blobs.BlobLogFixture;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

public sealed class BlobLogManifestTests(BlobLogFixture logs) : BlobLogTests(logs)
{
    [Fact]
    public async Task A_manifest_is_replaced_only_by_a_writer_that_saw_it()
    {
        string name = NewName();
        await using var first = Logs.Open(name);
        await using var second = Logs.Open(name);
        Assert.Null(await first.ReadManifestAsync(None));
        string made = await first.WriteManifestAsync("one"u8.ToArray(), null, None);
        var late = await Assert.ThrowsAsync<LogFencedException>(async () => await second.WriteManifestAsync("two"u8.ToArray(), null, None));
        Assert.StartsWith($"Log kg-logs/logs/{name} has another writer now: the manifest was replaced.", late.Message, StringComparison.Ordinal);

        var (content, tag) = (await second.ReadManifestAsync(None))!.Value;
        Assert.Equal(("one", made), (System.Text.Encoding.ASCII.GetString(content), tag));
        string replaced = await second.WriteManifestAsync("two"u8.ToArray(), tag, None);
        await Assert.ThrowsAsync<LogFencedException>(async () => await first.WriteManifestAsync("three"u8.ToArray(), made, None));
        await second.WriteManifestAsync("four"u8.ToArray(), replaced, None);
        Assert.Equal("four"u8.ToArray(), (await first.ReadManifestAsync(None))!.Value.Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_writers_with_the_same_bytes_one_succeeds(bool exists)
    {
        string name = NewName();
        var writers = Enumerable.Range(0, 8).Select(_ => Logs.Open(name)).ToArray();
        string? tag = exists ? await writers[0].WriteManifestAsync("first"u8.ToArray(), null, None) : null;
        var outcomes = await Task.WhenAll(writers.Select(async writer =>
        {
            try
            {
                return await writer.WriteManifestAsync("same"u8.ToArray(), tag, None);
            }
            catch (LogFencedException)
            {
                return null;
            }
        }));
        string won = Assert.Single(outcomes.OfType<string>());
        Assert.Equal(won, (await writers[0].ReadManifestAsync(None))!.Value.Tag);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_manifest_whose_answer_was_lost_has_been_written_by_this_writer(bool exists)
    {
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var writer = Logs.Open(name, port: proxy.Port);
        await using var other = Logs.Open(name);
        string? tag = exists ? await writer.WriteManifestAsync("first"u8.ToArray(), null, None) : null;

        proxy.Fault = Fault.LoseAnswers;
        var writing = writer.WriteManifestAsync("second"u8.ToArray(), tag, None).AsTask();
        while ((await other.ReadManifestAsync(None))?.Tag == tag)
            Assert.False(writing.IsCompleted);
        proxy.Fault = Fault.None;
        tag = await writing;
        Assert.Equal(tag, (await other.ReadManifestAsync(None))!.Value.Tag);
        await writer.WriteManifestAsync("third"u8.ToArray(), tag, None);
    }

    [Fact]
    public async Task A_manifest_that_another_writer_replaced_before_a_lost_answer_was_asked_for_is_not_ours()
    {
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var writer = Logs.Open(name, port: proxy.Port);
        await using var other = Logs.Open(name);
        proxy.Fault = Fault.LoseAnswers;
        var writing = writer.WriteManifestAsync("same"u8.ToArray(), null, None).AsTask();
        (byte[] Content, string Tag)? found;
        while ((found = await other.ReadManifestAsync(None)) is null)
            Assert.False(writing.IsCompleted);
        await other.WriteManifestAsync("same"u8.ToArray(), found.Value.Tag, None);
        proxy.Fault = Fault.None;
        await Assert.ThrowsAsync<LogFencedException>(() => writing);
    }
}

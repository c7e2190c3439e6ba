using KgOrleans.Storage.Objects;

namespace KgOrleans.Storage.Tests.Objects;

/// <summary>The rules of objects on the local disk, and what only a disk has.</summary>
[Trait("Suite", "Unit")]
public sealed class LocalObjectTests : ObjectRules, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    protected override IObjectStore Open() => new LocalObjectStore(_directory.Path);

    [Fact]
    public async Task What_a_killed_process_left_is_removed_at_the_next_start()
    {
        var writer = await Open().CreateAsync("half", TestContext.Current.CancellationToken);
        await writer.WriteAsync(Content(1_000, 1), TestContext.Current.CancellationToken);
        Assert.Single(Directory.GetFiles(_directory.Path));
        Open();
        Assert.Empty(Directory.GetFiles(_directory.Path));
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task An_object_whose_flush_fails_is_nowhere()
    {
        var store = new LocalObjectStore(_directory.Path, _ => throw new IOException("the disk is gone"));
        await using (var writer = await store.CreateAsync("unflushed", TestContext.Current.CancellationToken))
        {
            await writer.WriteAsync(Content(1_000, 1), TestContext.Current.CancellationToken);
            var failure = await Assert.ThrowsAsync<StorageException>(async () => await writer.CompleteAsync(TestContext.Current.CancellationToken));
            Assert.Contains("the disk is gone", failure.Message);
        }
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }
}

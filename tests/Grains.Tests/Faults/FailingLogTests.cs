using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Silo;
using KgOrleans.Storage;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Grains.Tests.Faults;

/// <summary>A node whose logs stop and heal: writes are refused as passing, reads go on, and nobody has to restart anything.</summary>
[Trait("Suite", "Cluster")]
public sealed class FailingLogTests
{
    [Fact]
    public async Task While_logs_are_stopped_writes_are_refused_reads_go_on_and_readiness_says_so()
    {
        var data = TestNode.NewData();
        var store = new StoppingStore(Path.Combine(data, "logs"));
        try
        {
            await using var node = await TestNode.StartAsync(data, shards: 1, services: s => s.AddSingleton<ILogStore>(store));
            await node.PutAsync(Item("w1"));
            await node.RecordAsync(Like("w1"));
            await node.WarmAsync();
            Assert.Null(node.Service<SiloReadiness>().Obstacle);

            store.Failure = "the disk is away";
            Assert.Equal(WriteStatus.Unavailable, Assert.Single(await node.PutAsync(Item("w2"))).Status);
            Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Like("w1") with { UserId = "u2" }));
            var shard = node.Grains.GetGrain<IItemShardGrain>(0);
            Assert.NotNull(await shard.GetItem("w1", default));
            Assert.NotEmpty((await node.PageAsync("u3")).Items);
            var state = await shard.GetState();
            Assert.Equal((false, "the disk is away"), (state.Ready, state.Failure));
            Assert.Contains("the disk is away", node.Service<SiloReadiness>().Obstacle);
            Assert.Equal("the disk is away", (await node.Grains.GetGrain<IEventPartitionGrain>(0).GetState()).Failure);

            store.Failure = null;
            Assert.Equal(WriteStatus.Created, Assert.Single(await node.PutAsync(Item("w2"))).Status);
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Like("w1") with { UserId = "u2" }));
            Assert.True((await shard.GetState()).Ready);
            Assert.Null(node.Service<SiloReadiness>().Obstacle);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static ItemDocument Item(string id) => new() { ItemId = id, CreatorId = "c1", Kind = ItemKind.Audio };

    private static UserEvent Like(string item) => new() { UserId = "u1", ItemId = item, Type = EventType.Like };

    /// <summary>Logs on the disk that refuse appends while they are told to, as a log that is healing does.</summary>
    private sealed class StoppingStore(string root) : ILogStore
    {
        private readonly LocalLogStore _inner = new(root, NullLogger<LocalLogStore>.Instance);

        public string? Failure { get; set; }

        public async ValueTask<IRecordLog> OpenAsync(string name, CancellationToken cancellationToken = default) =>
            new StoppingLog(this, await _inner.OpenAsync(name, cancellationToken));

        public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => _inner.ListAsync(cancellationToken);

        public ValueTask<bool> HasRecordsAsync(CancellationToken cancellationToken = default) => _inner.HasRecordsAsync(cancellationToken);

        public ValueTask<byte[]?> ReadDocumentAsync(string name, CancellationToken cancellationToken = default) =>
            _inner.ReadDocumentAsync(name, cancellationToken);

        public ValueTask WriteDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            _inner.WriteDocumentAsync(name, content, cancellationToken);
    }

    private sealed class StoppingLog(StoppingStore store, IRecordLog inner) : IRecordLog
    {
        public string Name => inner.Name;

        public Guid Id => inner.Id;

        public long Epoch => inner.Epoch;

        public string? Failure => store.Failure;

        public long FirstPosition => inner.FirstPosition;

        public bool IsWhole => inner.IsWhole;

        public long EndPosition => inner.EndPosition;

        public ValueTask<AppendResult> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancellationToken = default) =>
            store.Failure is { } failure ? throw new StorageException(failure, isTransient: true) : inner.AppendAsync(records, cancellationToken);

        public IAsyncEnumerable<LogRecord> ReadAsync(long fromPosition = 0, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(fromPosition, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>> ReadAtAsync(long position, CancellationToken cancellationToken = default) =>
            inner.ReadAtAsync(position, cancellationToken);

        public ValueTask TrimAsync(long before, CancellationToken cancellationToken = default) => inner.TrimAsync(before, cancellationToken);

        public ValueTask<bool> WaitForAppendAsync(long position, CancellationToken cancellationToken = default) =>
            inner.WaitForAppendAsync(position, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

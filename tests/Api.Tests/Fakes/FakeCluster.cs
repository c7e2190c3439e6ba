using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scenes;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Api.Tests.Fakes;

/// <summary>Grains in memory: enough of their contracts for the border to be tested without a silo.</summary>
internal sealed class FakeCluster
{
    private long _version;
    private int _statesAsked;

    /// <summary>How often the coordinator was asked for its state.</summary>
    public int StatesAsked => Volatile.Read(ref _statesAsked);

    public ConcurrentDictionary<string, (byte[] Json, long Version)> Items { get; } = new();

    public ConcurrentDictionary<string, (byte[] Json, long Version)> Users { get; } = new();

    public SceneRegistryState Scenes { get; set; } = new();

    public ConcurrentQueue<(string UserId, string Json)> Events { get; } = new();

    /// <summary>Every write in the order of arrival: id and document.</summary>
    public ConcurrentQueue<(string Id, string Json)> Writes { get; } = new();

    public List<RecommendCommand> Commands { get; } = [];

    public Func<long, ExposureQuery, ExposureReply> Exposure { get; set; } = (_, _) => new ExposureReply(false, true, 2, 1, 20, 15, 15);

    /// <summary>Exports are answered when this is done.</summary>
    public Task ExportsAnswer { get; set; } = Task.CompletedTask;

    /// <summary>Parts of exports by keeper and place.</summary>
    public Func<string, ulong?, ExportReply> Exports { get; set; } = (_, _) => new ExportReply([], null, false);

    public Func<RecommendCommand, RecommendReply> Recommend { get; set; } =
        command => new RecommendReply(RecommendStatus.Ok, null, new RecommendAnswer { RequestId = command.RequestId }, null);

    /// <summary>Requests that are remembered, by id.</summary>
    public Dictionary<string, RequestRecord> Requests { get; } = [];

    /// <summary>Thrown by the calls of these users and shards.</summary>
    public Dictionary<string, Exception> Failures { get; } = [];

    /// <summary>Done once a user was called.</summary>
    public TaskCompletionSource UserCalled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Users answer to writes when this is done.</summary>
    public Task UsersAnswer { get; set; } = Task.CompletedTask;

    public IGrainFactory Factory
    {
        get
        {
            var factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
            ((FactoryProxy)(object)factory).Cluster = this;
            return factory;
        }
    }

    /// <summary>A picture of all state, to show that something changed none of it.</summary>
    public string State() => JsonSerializer.Serialize(new
    {
        items = Items.OrderBy(i => i.Key).Select(i => (object)new { i.Key, i.Value.Json, i.Value.Version }),
        users = Users.OrderBy(u => u.Key).Select(u => (object)new { u.Key, u.Value.Json, u.Value.Version }),
        events = Events.Select(e => e.Json),
        scenes = Scenes,
        commands = Commands.Count,
    });

    private void ThrowIfFailing(string key)
    {
        if (Failures.TryGetValue(key, out var failure))
            throw failure;
    }

    private WriteResult Write(
        ConcurrentDictionary<string, (byte[] Json, long Version)> documents, WriteOperation operation, string id, byte[] json, long? ifMatch)
    {
        var known = documents.TryGetValue(id, out var current);
        if (!WriteCondition.Holds(ifMatch, known ? current.Version : null))
            return WriteResult.Refused(WriteStatus.VersionMismatch, "If-Match", "versionMismatch", "other version");
        if (!known && operation != WriteOperation.Put)
            return WriteResult.Refused(WriteStatus.NotFound, "id", "notFound", "nothing there");
        Writes.Enqueue((id, System.Text.Encoding.UTF8.GetString(json)));
        if (operation == WriteOperation.Delete)
            documents.TryRemove(id, out _);
        else
            documents[id] = (json, Interlocked.Increment(ref _version));
        return new WriteResult(known ? WriteStatus.Updated : WriteStatus.Created, Volatile.Read(ref _version), []);
    }

    public class FactoryProxy : DispatchProxy
    {
        internal FakeCluster Cluster { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var type = targetMethod!.ReturnType;
            if (type == typeof(IUserGrain))
                return new User(Cluster, (string)args![0]!);
            if (type == typeof(IItemShardGrain))
                return new Shard(Cluster, (long)args![0]!);
            if (type == typeof(IEventPartitionGrain))
                return new EventPartition(Cluster, (long)args![0]!);
            if (type == typeof(ISceneRegistryGrain))
                return new Registry(Cluster);
            if (type == typeof(ICoordinatorGrain))
                return new Coordinator(Cluster);
            if (type == typeof(IManagementGrain))
                return Create<IManagementGrain, ManagementProxy>();
            throw new NotSupportedException(targetMethod.ToString());
        }
    }

    public class ManagementProxy : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == "GetHosts"
            ? Task.FromResult(new Dictionary<SiloAddress, SiloStatus> { [SiloAddress.New(System.Net.IPAddress.Loopback, 11111, 7)] = SiloStatus.Active })
            : throw new NotSupportedException(targetMethod.Name);
    }

    private sealed class User(FakeCluster cluster, string userId) : IUserGrain
    {
        public Task<UserReply> GetSnapshot(UserQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async Task<EventsReply> RecordEvents(EventsCommand command, CancellationToken cancellationToken)
        {
            cluster.ThrowIfFailing(userId);
            cluster.UserCalled.TrySetResult();
            await cluster.UsersAnswer.WaitAsync(cancellationToken);
            var statuses = new List<EventStatus>();
            foreach (var e in command.Events)
            {
                var json = System.Text.Encoding.UTF8.GetString(e);
                if (json.Contains("\"itemId\":\"unknown\"", StringComparison.Ordinal))
                    statuses.Add(EventStatus.UnknownItem);
                else if (json.Contains("\"itemId\":\"erased\"", StringComparison.Ordinal))
                    statuses.Add(EventStatus.BeforeErasure);
                else if (json.Contains("\"itemId\":\"never\"", StringComparison.Ordinal))
                    statuses.Add(EventStatus.NothingToUndo);
                else if (cluster.Events.Contains((userId, json)))
                    statuses.Add(EventStatus.Duplicate);
                else
                {
                    cluster.Events.Enqueue((userId, json));
                    statuses.Add(EventStatus.Accepted);
                }
            }
            return new EventsReply([.. statuses]);
        }

        public async Task<WriteResult> WriteProfile(ProfileCommand command, CancellationToken cancellationToken)
        {
            cluster.ThrowIfFailing(userId);
            cluster.UserCalled.TrySetResult();
            await cluster.UsersAnswer.WaitAsync(cancellationToken);
            return cluster.Write(cluster.Users, command.Operation, userId, command.Json, command.IfMatch);
        }

        public Task<UserDetails?> GetDetails(CancellationToken cancellationToken) => Task.FromResult(
            cluster.Users.TryGetValue(userId, out var user) ? new UserDetails(user.Json, "[]"u8.ToArray(), user.Version, 0, null, [], []) : null);

        public Task<byte[]> GetLiked(int most) => throw new NotSupportedException();

        public Task<byte[]> TellLiked(string askerId, int most) => throw new NotSupportedException();

        public Task ForgetFriend(string friendId) => throw new NotSupportedException();

        public Task<UserGrainView> GetState() => throw new NotSupportedException();
    }

    private sealed class Shard(FakeCluster cluster, long shard) : IItemShardGrain
    {
        public Task<ItemWritesReply> Write(ItemWrites writes, CancellationToken cancellationToken)
        {
            cluster.ThrowIfFailing($"shard {shard}");
            return Task.FromResult(
                new ItemWritesReply(Array.ConvertAll(writes.Writes, w => cluster.Write(cluster.Items, w.Operation, w.ItemId, w.Json, w.IfMatch))));
        }

        public Task<ItemReply?> GetItem(string itemId, CancellationToken cancellationToken) =>
            Task.FromResult(cluster.Items.TryGetValue(itemId, out var item) ? new ItemReply(item.Json, item.Version) : null);

        public async Task<ExportReply> Export(ulong? after, CancellationToken cancellationToken)
        {
            cluster.ThrowIfFailing($"shard {shard}");
            await cluster.ExportsAnswer.WaitAsync(cancellationToken);
            return cluster.Failures.ContainsKey($"warming {shard}") ? new ExportReply([], after, true) : cluster.Exports($"shard {shard}", after);
        }

        public Task<ItemShardView> GetState()
        {
            cluster.ThrowIfFailing($"shard {shard}");
            return Task.FromResult(
                new ItemShardView { Shard = (int)shard, Ready = !cluster.Failures.ContainsKey($"warming {shard}"), Items = 3, Silo = "S127.0.0.1:11111:7" });
        }

        public Task<ItemFactsReply> GetFacts(string[] itemIds, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ExposureReply> GetExposure(ExposureQuery query)
        {
            cluster.ThrowIfFailing($"shard {shard}");
            return Task.FromResult(cluster.Exposure(shard, query));
        }

        public Task<RecallReply> Recall(RecallQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<HydrateReply> Hydrate(HydrateQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<byte[]?> GetNeighbours(byte[] items, CancellationToken cancellationToken) => Task.FromResult<byte[]?>([]);

        public Task<byte[]?> SumNeighbours(byte[] entries, byte[] sources, CancellationToken cancellationToken) => Task.FromResult<byte[]?>([]);

        public Task<byte[]> CountItems(byte[] interests) => throw new NotSupportedException();

        public Task<long> CountedTo(int partition, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> ApplyCounters(CounterDeltas deltas, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class EventPartition(FakeCluster cluster, long partition) : IEventPartitionGrain
    {
        public Task<ExportReply> Export(ulong from, CancellationToken cancellationToken)
        {
            cluster.ThrowIfFailing($"partition {partition}");
            return Task.FromResult(cluster.Exports($"partition {partition}", from));
        }

        public Task<EventPartitionView> GetState() => throw new NotSupportedException();
    }

    private sealed class Registry(FakeCluster cluster) : ISceneRegistryGrain
    {
        public Task<SceneSet?> GetCurrent(long knownRevision)
        {
            cluster.ThrowIfFailing("scenes");
            return Task.FromResult<SceneSet?>(SceneRegistry.Current(cluster.Scenes));
        }

        public Task<StoredScene?> GetVersion(string scene, int? version)
        {
            cluster.ThrowIfFailing("scenes");
            return Task.FromResult(SceneRegistry.Find(cluster.Scenes, scene, version));
        }

        public Task<SceneVersion[]?> GetVersions(string scene)
        {
            cluster.ThrowIfFailing("scenes");
            return Task.FromResult(SceneRegistry.Versions(cluster.Scenes, scene));
        }

        public async Task<WriteResult> Write(SceneCommand command, CancellationToken cancellationToken)
        {
            cluster.ThrowIfFailing("scenes");
            var (state, result) = await SceneRegistry.ApplyAsync(cluster.Scenes, command, DateTimeOffset.UnixEpoch, ids => Task.FromResult(
                ids.Distinct().ToDictionary(id => id, id => cluster.Items.ContainsKey(id) ? new ItemFacts(id, "c1", null, ItemKind.Audio, [], []) : null)));
            cluster.Scenes = state;
            return result;
        }

        public Task<SceneRegistryView> GetState() => throw new NotSupportedException();
    }

    private sealed class Coordinator(FakeCluster cluster) : ICoordinatorGrain
    {
        public Task<RecommendReply> Recommend(RecommendCommand command, CancellationToken cancellationToken)
        {
            cluster.ThrowIfFailing("coordinator");
            lock (cluster.Commands)
                cluster.Commands.Add(command);
            return Task.FromResult(cluster.Recommend(command));
        }

        public Task<RequestRecord?> FindRequest(string requestId, CancellationToken cancellationToken)
        {
            cluster.ThrowIfFailing("coordinator");
            return Task.FromResult(cluster.Requests.GetValueOrDefault(requestId));
        }

        public Task<CoordinatorView> GetState()
        {
            Interlocked.Increment(ref cluster._statesAsked);
            return Task.FromResult(new CoordinatorView { ModelVersion = "m1", SceneRevision = cluster.Failures.ContainsKey("no scenes") ? -1 : 0 });
        }
    }
}

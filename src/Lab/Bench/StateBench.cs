using System.Text.Json;
using Azure.Storage.Blobs;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage;
using KgOrleans.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace KgOrleans.Lab.Bench;

/// <summary>Users' states of a size, written in turn through a provider of grain storage as user grains do.</summary>
internal sealed class StateBench : IAsyncDisposable
{
    private static readonly string StateName = "user";

    private readonly IGrainStorage _storage;
    private readonly SiloLifecycleSubject _lifecycle;
    private readonly ServiceProvider _services;
    private readonly (GrainId Grain, GrainState<UserState> State, SemaphoreSlim Turn)[] _states;

    private StateBench(ServiceProvider services, SiloLifecycleSubject lifecycle, IGrainStorage storage, int count, int bytes)
    {
        _services = services;
        _lifecycle = lifecycle;
        _storage = storage;
        var seen = new SeenSet();
        while (JsonSerializer.SerializeToUtf8Bytes(StateOf(seen), KgJson.Options).Length < bytes)
        {
            for (var i = 0; i < 16; i++)
                seen.Add(Key64.Of($"w{seen.Count}"), (int)EventType.Impression, seen.Count);
        }
        StateBytes = JsonSerializer.SerializeToUtf8Bytes(StateOf(seen), KgJson.Options).Length;
        _states =
        [
            .. Enumerable.Range(0, count).Select(i => (GrainId.Create("user", $"bench-{i}"), new GrainState<UserState>(StateOf(seen)), new SemaphoreSlim(1))),
        ];
    }

    /// <summary>Bytes of a state as it is stored.</summary>
    public int StateBytes { get; }

    /// <summary>Over a SQLite file.</summary>
    public static Task<StateBench> SqliteAsync(string path, int count, int bytes, CancellationToken cancellation) => OpenAsync(
        services => new SqliteGrainStorage(
            "bench", new SqliteGrainStorageOptions { Path = path, GrainStorageSerializer = new StateJsonSerializer(KgJson.Options) },
            services.GetRequiredService<IActivatorProvider>(), TimeProvider.System, NullLogger<SqliteGrainStorage>.Instance),
        count, bytes, cancellation);

    /// <summary>Over a container.</summary>
    public static Task<StateBench> BlobAsync(BlobServiceClient account, string container, int count, int bytes, CancellationToken cancellation) => OpenAsync(
        services =>
        {
            var options = new AzureBlobStorageOptions
            {
                BlobServiceClient = account,
                ContainerName = container,
                GrainStorageSerializer = new StateJsonSerializer(KgJson.Options),
            };
            return new AzureBlobGrainStorage(
                "bench", options, options.BuildContainerFactory(services, options), services.GetRequiredService<IActivatorProvider>(),
                NullLogger<AzureBlobGrainStorage>.Instance);
        },
        count, bytes, cancellation);

    /// <summary>Writes as a plan says.</summary>
    public Task<LoadResult> RunAsync(LoadPlan plan, CancellationToken cancellation) => LoadRun.RunAsync(
        plan,
        async (n, token) =>
        {
            var (grain, state, turn) = _states[(int)(n % _states.Length)];
            // A grain has one write in flight.
            await turn.WaitAsync(token);
            try
            {
                state.State!.Version++;
                await _storage.WriteStateAsync(StateName, grain, state, token);
                return false;
            }
            finally
            {
                turn.Release();
            }
        },
        TimeProvider.System,
        cancellation);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _lifecycle.OnStop();
        await _services.DisposeAsync();
    }

    private static async Task<StateBench> OpenAsync<T>(Func<IServiceProvider, T> open, int count, int bytes, CancellationToken cancellation)
        where T : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
    {
        var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
        var storage = open(services);
        storage.Participate(lifecycle);
        var bench = new StateBench(services, lifecycle, storage, count, bytes);
        await lifecycle.OnStart(cancellation);
        // What an earlier run left: the first write would conflict with it.
        foreach (var (grain, state, _) in bench._states)
        {
            var stored = new GrainState<UserState>();
            await storage.ReadStateAsync(StateName, grain, stored, cancellation);
            state.ETag = stored.ETag;
        }
        return bench;
    }

    private static UserState StateOf(SeenSet seen)
    {
        var state = new UserState { Profile = new UserDocument { UserId = "bench" }, Seen = seen.Pack() };
        for (var i = 0; i < UserStateUpdater.HistoryLength / 4; i++)
            state.History.Add(new HistoryEntry($"w{i}", EventType.Play, 1, i, $"c{i}", $"s{i}", ["rock", "duet"]));
        return state;
    }
}

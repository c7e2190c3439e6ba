using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Requests;
using KgOrleans.Grains.Scenes;
using KgOrleans.Grains.Scoring;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Serving;
using KgOrleans.Storage;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>
/// The funnel of one request: user, recall, hydration, pre-rank diversity, fine ranking, re-ranking. It runs outside of grain turns and keeps no state
/// between requests but counts of what it served.
/// </summary>
public sealed partial class Funnel
{
    // Shares of the request's time: a late stage leaves the stages after it their shares. The last tenth is for re-ranking and the answer.
    private const double RecallUntil = 0.5;
    private const double HydrateUntil = 0.7;
    private const double FineRankUntil = 0.9;

    private readonly IGrainFactory _grains;
    private readonly SceneHost _scenes;
    private readonly ModelHost _models;
    private readonly CatalogueWorld _world;
    private readonly TimeProvider _time;
    private readonly ILogger<Funnel> _logger;
    private readonly FunnelInstruments _instruments;
    private readonly RequestLog _requests;
    private readonly RecallStage _recall;
    private readonly HydrateStage _hydrate;
    private readonly PinStage _pins;
    private readonly PreRankStage _preRank;
    private readonly FineRankStage _fineRank;
    private readonly ReRankStage _reRank;
    private readonly AdaptiveWidths _widths;
    private readonly TrafficLedger _traffic;

    /// <summary>Creates the funnel of a silo.</summary>
    public Funnel(
        IGrainFactory grains, IShardClient shards, SceneHost scenes, ScoringPool pool, ModelHost models, CatalogueWorld world,
        FunnelInstruments instruments, AdaptiveWidths widths, TrafficLedger traffic, RequestLog requests, TimeProvider time, ILogger<Funnel> logger)
    {
        _grains = grains;
        _scenes = scenes;
        _models = models;
        _world = world;
        _time = time;
        _logger = logger;
        _instruments = instruments;
        _widths = widths;
        _traffic = traffic;
        _requests = requests;
        _recall = new RecallStage(shards, pool, time, logger);
        _hydrate = new HydrateStage(shards, logger);
        _pins = new PinStage(shards, time, logger);
        _preRank = new PreRankStage(pool);
        _fineRank = new FineRankStage(pool, logger);
        _reRank = new ReRankStage(pool, traffic, logger);
    }

    /// <summary>Serves one page.</summary>
    public async Task<RecommendReply> RunAsync(RecommendCommand command, CancellationToken cancellationToken)
    {
        var clock = new StageClock(_time);
        RecommendReply reply;
        var scene = _scenes.Find(command.Scene);
        if (scene is null)
        {
            reply = _scenes.IsLoaded
                ? new RecommendReply(RecommendStatus.UnknownScene, $"there is no scene '{command.Scene}'", null, null)
                : Unavailable("the scenes are not loaded yet");
        }
        else if (scene.CheckContext(command.Context) is { Count: > 0 } undeclared)
        {
            reply = new RecommendReply(RecommendStatus.Invalid, "the context has members that the scene does not declare", null, null)
            {
                Errors = WriteResult.Invalid(undeclared).Errors,
            };
        }
        else
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(TimeSpan.FromMilliseconds(command.TimeoutMs ?? scene.Document.DeadlineMs));
            try
            {
                reply = await ServeAsync(command, scene, clock, deadline.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or TimeoutException or ScoringOverloadedException
                || (e is OrleansException && !StorageException.IsForGood(e)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (e is OrleansException)
                    LogUnavailable(e, command.RequestId);
                reply = Unavailable(e is ScoringOverloadedException ? "the server is overloaded" : "the request could not be served in its time");
            }
        }
        _instruments.Record(reply.Status, clock);
        if (scene is not null && clock.HasRanker)
            _widths.Record(scene.Document, clock.TookMs);
        return reply.Answer is { } answer ? reply with { Answer = Remember(command, answer) } : reply;
    }

    /// <summary>Keeps a record of the request if it should leave one. Returns the answer that the caller gets.</summary>
    private RecommendAnswer Remember(RecommendCommand command, RecommendAnswer answer)
    {
        if (_requests.Keeps(command))
            _requests.Add(RequestRecord.Of(command, answer, _time.GetUtcNow()));
        return command.Explain ? answer : answer with { Funnel = null };
    }

    private static RecommendReply Unavailable(string detail) => new(RecommendStatus.Unavailable, detail, null, null);

    private async Task<RecommendReply> ServeAsync(RecommendCommand command, EffectiveScene scene, StageClock clock, CancellationToken deadline)
    {
        var now = command.Now ?? _time.GetUtcNow().ToUnixTimeMilliseconds();
        PageState? page = null;
        if (command.PageState is { } bytes && (!PageState.TryDecode(bytes, out page) || !Fits(page!, command, now)))
            return new RecommendReply(RecommendStatus.InvalidPage, "the page token has expired or belongs to another user or scene", null, null);

        ulong[] excluded = [.. (page?.Excluded ?? []).Union(Key64.OfAll(command.Exclude))];
        if (excluded.Length > Limits.Exclude)
        {
            var error = new WireFieldError(
                "exclude", "tooMany", $"has {excluded.Length} entries with those of the pages before, at most {Limits.Exclude} are allowed");
            return new RecommendReply(RecommendStatus.Invalid, "the chain of pages excludes too many items", null, null) { Errors = [error] };
        }
        var query = UserQuery.For(scene, now, _models.SpaceId);
        var patience = RecallPlan.Patience(command, scene.Document);
        query = query with { FriendLikesMs = (int)(query.FriendLikesMs * patience), SimilarMs = (int)(query.SimilarMs * patience) };
        var user = await _grains.GetGrain<IUserGrain>(command.UserId).GetSnapshot(query, deadline).WaitAsync(deadline);
        clock.End("user", 1, 1);
        var request = new FunnelRequest
        {
            Command = command,
            Scene = scene,
            User = user,
            Model = user.SpaceId is null ? null : _models.Bundle,
            Page = page,
            Excluded = excluded,
            Now = now,
            Clock = clock,
        };
        clock.HasRanker = FineRankStage.HasRanker(request);
        if (request.Model is null)
            DegradeModel(request);
        else if (request.LacksRecallVector)
            request.Clock.Degrade(Degradations.RecallHeadFailed, "the recall head gave no finite vector");

        using var recallBudget = Budget(request, RecallUntil, deadline);
        var pins = _pins.RunAsync(request, recallBudget.Token);
        try
        {
            return await PickAsync(request, pins, recallBudget.Token, deadline);
        }
        finally
        {
            // A request that ends early, with a reply or an exception, leaves no calls behind.
            if (!pins.IsCompleted)
                await recallBudget.CancelAsync();
            await ((Task)pins).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>From recall to the page, while the shards check the pins.</summary>
    private async Task<RecommendReply> PickAsync(FunnelRequest request, Task<PinnedItems> pins, CancellationToken recallBudget, CancellationToken deadline)
    {
        var clock = request.Clock;
        var recall = await _recall.RunAsync(request, recallBudget, deadline);
        if (!recall.AnyShard)
            return Unavailable("no shard answered: " + Reasons(clock));
        var winners = recall.Candidates;
        clock.End("merge", recall.Found, winners.Count);
        using var hydrateBudget = Budget(request, HydrateUntil, deadline);
        var servedKeys = ServedContext.KeysOf(request);
        var served = ServedContext.Of(request, servedKeys, await _hydrate.ByKeysAsync(request, servedKeys, hydrateBudget.Token));
        var hydrated = await _hydrate.RunAsync(request, recall, winners, hydrateBudget.Token);
        if (winners.Count > 0 && hydrated.Candidates.Count == 0)
            return Unavailable("no shard answered round 2: " + Reasons(clock));
        var pinned = await pins;
        clock.AddDegraded(pinned.Clock);
        // Narrowed before the pins join: pinned items are ranked under any load.
        var preRanked = await _preRank.RunAsync(request, hydrated, deadline);
        var narrow = _widths.Narrow(request, preRanked);
        using var fineRankBudget = Budget(request, FineRankUntil, deadline);
        var ranked = await _fineRank.RunAsync(
            request, PinStage.Join(narrow, pinned.Items), preRanked.Candidates.Count - narrow.Candidates.Count, fineRankBudget.Token, deadline);
        var picked = await _reRank.RunAsync(request, ranked, served, deadline);
        var answer = AnswerBuilder.Build(request, recall, picked, withFunnel: request.Command.Explain || _requests.Keeps(request.Command));
        if (!request.Command.DryRun)
            _traffic.Record(request.Scene, picked);
        return new RecommendReply(RecommendStatus.Ok, null, answer, NextPage(request, recall, served, picked)?.Encode());
    }

    private static string Reasons(StageClock clock) => string.Join("; ", clock.Degraded.Select(d => $"{d.Reason} {d.Detail}"));

    private static CancellationTokenSource Budget(FunnelRequest request, double share, CancellationToken deadline)
    {
        var budget = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        budget.CancelAfter(TimeSpan.FromMilliseconds(Math.Max(0, (request.TotalMs * share) - request.Clock.TookMs)));
        return budget;
    }

    private static bool Fits(PageState page, RecommendCommand command, long now) =>
        page.UserKey == Key64.Of(command.UserId) && page.SceneKey == Key64.Of(command.Scene)
        && now >= page.IssuedAt && now - page.IssuedAt <= (long)PageState.Lifetime.TotalMilliseconds && page.Served.Length < Limits.PagedItems;

    private void DegradeModel(FunnelRequest request)
    {
        var (reasons, detail) = request.User.TowerFailed
            ? (Degradations.UserTowerFailed, "the user tower gave no finite vector")
            : _models.Bundle is not { } bundle
            ? (Degradations.NoModel, "no model bundle is configured (Kg:Model:Path)")
            : (Degradations.WorldMismatch,
                $"user {request.Command.UserId} belongs to world '{_world.IdOf(request.User.Snapshot.WorldId)}', "
                + $"bundle {bundle.Version} was trained for '{bundle.WorldId}'");
        foreach (var reason in reasons)
            request.Clock.Degrade(reason, detail);
    }

    private static PageState? NextPage(FunnelRequest request, RecallOutcome recall, ServedContext context, Page page)
    {
        var command = request.Command;
        ulong[] served = [.. request.Page?.Served ?? [], .. page.Order.Select(i => page.Ranked.Candidates[i].Key)];
        // Pinned items do not count: recall need not have found them.
        var atEnd = page.Order.Count == 0 || recall.Found <= page.Items.Count(w => !w.IsPinned);
        if ((atEnd && !request.Clock.MissesItems) || served.Length >= Limits.PagedItems)
            return null;
        return new PageState(
            Key64.Of(command.UserId), Key64.Of(command.Scene), request.Page?.SceneVersion ?? request.Scene.Version,
            request.Page?.IssuedAt ?? request.ScoreTime, request.Seed, served)
        {
            RulesKey = request.Scene.Rules.Key,
            Excluded = request.Excluded,
            Tail = context.NextTail(request, page),
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} could not be served")]
    private partial void LogUnavailable(Exception e, string requestId);
}

using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Users;

/// <summary>
/// What friends liked. A bounded number of friends is asked once a minute, all at once, and each answers from its own state without asking anybody else. A
/// request waits for the answers within its own time only. A later request of the same minute uses the answers that came in late. A user that is erased tells
/// those who asked within the minute, before the erasure is answered.
/// </summary>
public sealed partial class UserGrain
{
    // A page shows ten items, and the likes of two dozen friends are more than the channel keeps. Each friend that is asked may have to be activated.
    private const int FriendsAsked = 24;
    private const int LikesOfFriend = 16;
    private const int LikesKept = 256;

    // A user whom more than these ask within a minute tells the others nothing: they could not be told of an erasure.
    private const int MostAskers = 10_000;

    private readonly Dictionary<string, long> _askers = [];
    private long _askersBucket;
    private FriendCalls? _friendCalls;

    /// <inheritdoc />
    public Task<byte[]> GetLiked(int most)
    {
        var keys = new List<ulong>(most);
        foreach (var entry in State.Liked())
        {
            if (keys.Count == most)
                break;
            if (Key64.Of(entry.ItemId) is var key && !keys.Contains(key))
                keys.Add(key);
        }
        return Task.FromResult(Key64.ToBytes(CollectionsMarshal.AsSpan(keys)));
    }

    /// <inheritdoc />
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        // The next activation does not know who asked this one. A silo that stops takes down those who asked as well.
        reason.ReasonCode == DeactivationReasonCode.ShuttingDown ? Task.CompletedTask : ForgetLikes();

    /// <inheritdoc />
    public Task<byte[]> TellLiked(string askerId, int most)
    {
        var bucket = MinuteNow();
        if (bucket != _askersBucket)
        {
            // Answers of the last minute may still be on a page that is being made.
            foreach (var asker in _askers.Where(a => a.Value < bucket - 1).Select(a => a.Key).ToArray())
                _askers.Remove(asker);
            _askersBucket = bucket;
        }
        if (_askers.Count >= MostAskers && !_askers.ContainsKey(askerId))
            return Task.FromResult<byte[]>([]);
        _askers[askerId] = bucket;
        return GetLiked(most);
    }

    /// <inheritdoc />
    public Task ForgetFriend(string friendId)
    {
        _friendCalls?.Forget(friendId);
        return Task.CompletedTask;
    }

    /// <summary>Tells all who know what the user liked to forget it. One that cannot be reached keeps it until its minute ends.</summary>
    private async Task ForgetLikes()
    {
        var bucket = MinuteNow();
        string[] askers = [.. _askers.Where(a => a.Value >= bucket - 1).Select(a => a.Key)];
        _askers.Clear();
        await Task.WhenAll(Array.ConvertAll(askers, async asker =>
        {
            try
            {
                await GrainFactory.GetGrain<IUserGrain>(asker).ForgetFriend(UserId);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogForgetFailed(e, asker, UserId);
            }
        }));
    }

    private long MinuteNow() => time.GetUtcNow().ToUnixTimeMilliseconds() / TimeBucketMs;

    private async Task<(byte[] Likes, int Late)> LikesOfFriends(IReadOnlyList<string> friends, TimeSpan wait)
    {
        // Friends answer as of now, whatever time the request is for, so the minute is the clock's.
        var bucket = MinuteNow();
        if (_friendCalls is not { } calls || calls.Bucket != bucket || calls.ProfileVersion != State.ProfileVersion)
        {
            string[] asked = [.. friends.Where(f => f != UserId).Distinct().Take(FriendsAsked)];
            _friendCalls = calls = new FriendCalls(bucket, State.ProfileVersion, time.GetTimestamp(), asked, Array.ConvertAll(asked, Ask));
        }
        if (calls.Sum is { } known)
            return (known, 0);
        var left = wait - time.GetElapsedTime(calls.Started);
        if (left > TimeSpan.Zero)
            await Task.WhenAny(calls.All, Task.Delay(left, time));
        var answers = new List<byte[]>(calls.Answers.Length);
        foreach (var answer in calls.Answers)
        {
            if (answer.IsCompleted && await answer is { } liked)
                answers.Add(liked);
        }
        var likes = MemoryMarshal.AsBytes(FriendLikes.Sum(answers, LikesKept).AsSpan()).ToArray();
        if (answers.Count == calls.Answers.Length)
            calls.Sum = likes;
        return (likes, calls.Answers.Length - answers.Count);
    }

    /// <summary>A friend's likes; null when there is no answer. Does not throw: a friend that fails counts as late, and the user still gets a page.</summary>
    private async Task<byte[]?> Ask(string friend)
    {
        try
        {
            return await GrainFactory.GetGrain<IUserGrain>(friend).TellLiked(UserId, LikesOfFriend);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFriendFailed(e, friend, UserId);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "User {Asker} was not told that their friend {UserId} was erased; within a minute they ask again")]
    private partial void LogForgetFailed(Exception e, string asker, string userId);

    [LoggerMessage(Level = LogLevel.Information, Message = "User {Friend} did not answer what they liked, asked for their friend {UserId}")]
    private partial void LogFriendFailed(Exception e, string friend, string userId);

    /// <summary>One minute's questions to friends, and their answers.</summary>
    private sealed class FriendCalls(long bucket, long profileVersion, long started, string[] friends, Task<byte[]?>[] answers)
    {
        public long Bucket => bucket;

        public long ProfileVersion => profileVersion;

        public long Started => started;

        public Task<byte[]?>[] Answers => answers;

        public Task All { get; } = Task.WhenAll(answers);

        /// <summary>The likes, once all friends have answered; null before.</summary>
        public byte[]? Sum { get; set; }

        /// <summary>Makes a friend one that liked nothing, whether or not the answer is in.</summary>
        public void Forget(string friend)
        {
            if (Array.IndexOf(friends, friend) is var i and >= 0)
                (Answers[i], Sum) = (Task.FromResult<byte[]?>([]), null);
        }
    }
}

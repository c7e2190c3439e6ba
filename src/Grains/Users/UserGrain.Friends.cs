using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Users;

/// <summary>
/// What friends liked: a bounded number of friends is asked once a minute, all at once, and they answer from their own state without asking further. A request waits for them within its time only; who is
/// late may still be in time for a later request of the same minute, and is not waited for again.
/// </summary>
public sealed partial class UserGrain
{
    // A page shows ten works: the likes of two dozen friends already are more than the channel keeps, and every friend asked may have to be activated.
    private const int FriendsAsked = 24;
    private const int LikesOfFriend = 16;
    private const int LikesKept = 256;

    private FriendCalls? _friendCalls;

    /// <inheritdoc />
    public Task<byte[]> GetLiked(int most)
    {
        var keys = new List<ulong>(most);
        for (var i = State.History.Count - 1; i >= 0 && keys.Count < most; i--)
        {
            var entry = State.History[i];
            if (EventTypes.IsPositive(entry.Type, entry.Value) && Key64.Of(entry.ItemId) is var key && !keys.Contains(key))
                keys.Add(key);
        }
        return Task.FromResult(Key64.ToBytes(CollectionsMarshal.AsSpan(keys)));
    }

    private async Task<(byte[] Likes, int Late)> LikesOfFriends(IReadOnlyList<string> friends, TimeSpan wait)
    {
        // Friends answer as of now whatever time a request is for, so that the minute is the clock's.
        var bucket = time.GetUtcNow().ToUnixTimeMilliseconds() / TimeBucketMs;
        if (_friendCalls is not { } calls || calls.Bucket != bucket || calls.ProfileVersion != State.ProfileVersion)
            _friendCalls = calls = new FriendCalls(bucket, State.ProfileVersion, time.GetTimestamp(), [.. friends.Where(f => f != UserId).Distinct().Take(FriendsAsked).Select(Ask)]);
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

    /// <summary>A friend's likes; null when there is no answer. It never throws: whatever is wrong with a friend is no reason for this user to get no page, and is counted as late.</summary>
    private async Task<byte[]?> Ask(string friend)
    {
        try
        {
            return await GrainFactory.GetGrain<IUserGrain>(friend).GetLiked(LikesOfFriend);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFriendFailed(e, friend, UserId);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Friend}, a friend of {UserId}, did not say what they liked")]
    private partial void LogFriendFailed(Exception e, string friend, string userId);

    /// <summary>One minute's questions to friends, and what came of them.</summary>
    private sealed class FriendCalls(long bucket, long profileVersion, long started, Task<byte[]?>[] answers)
    {
        public long Bucket => bucket;

        public long ProfileVersion => profileVersion;

        public long Started => started;

        public Task<byte[]?>[] Answers => answers;

        public Task All { get; } = Task.WhenAll(answers);

        /// <summary>The likes once everybody has answered.</summary>
        public byte[]? Sum { get; set; }
    }
}

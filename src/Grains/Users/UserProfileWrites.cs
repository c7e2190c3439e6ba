using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Users;

/// <summary>What a write of a profile does to a user's state.</summary>
internal static class UserProfileWrites
{
    /// <summary>The answer to a write that could not be stored.</summary>
    public static WriteResult Unavailable() => WriteResult.Refused(WriteStatus.Unavailable, "$", "unavailable", "the user's state cannot be written now");

    /// <summary>The state after a write, and how the write ended. A refused write changes nothing.</summary>
    /// <param name="state">State before. A put and a patch change it in place; an erasure leaves it alone and returns another one.</param>
    /// <param name="command">The write.</param>
    /// <param name="userId">The user.</param>
    /// <param name="world">Worlds that documents name.</param>
    /// <param name="now">Time of the write.</param>
    public static (UserState State, WriteResult Result) Apply(UserState state, ProfileCommand command, string userId, CatalogueWorld world, DateTimeOffset now)
    {
        // A user known by events alone has a version, but no profile yet, which a write may create.
        var exists = command.IfMatch == WriteCondition.Absent ? state.Profile is not null : state.IsKnown;
        if (!WriteCondition.Holds(command.IfMatch, exists ? state.ProfileVersion : null))
            return (state, WriteResult.Refused(WriteStatus.VersionMismatch, "If-Match", "versionMismatch", "the profile has another version"));
        if (command.Operation != WriteOperation.Put && !state.IsKnown)
            return (state, WriteResult.Refused(WriteStatus.NotFound, "userId", "notFound", "no such user"));
        if (command.Operation == WriteOperation.Delete)
        {
            var erased = Erased(state, now);
            return (erased, new WriteResult(WriteStatus.Updated, erased.ProfileVersion, []));
        }
        var (document, refusal) = command.Operation == WriteOperation.Put
            ? WrittenDocument.Put<UserDocument>(command.Json)
            : WrittenDocument.Patch(state.Profile ?? new UserDocument { UserId = userId }, command.Json);
        if (document is null)
            return (state, refusal!);
        var profile = document with
        {
            UserId = userId,
            Follows = document.Follows,
            Friends = document.Friends ?? [],
            CommunityIds = document.CommunityIds ?? [],
            BlockedCreatorIds = document.BlockedCreatorIds ?? [],
            BlockedItemIds = document.BlockedItemIds ?? [],
            BlockedTags = document.BlockedTags ?? [],
            BlockedSongIds = document.BlockedSongIds ?? [],
        };
        if (UserValidator.Validate(profile) is { Count: > 0 } errors)
            return (state, WriteResult.Invalid(errors));
        if (state.Profile is { } before && world.KeyOf(before.WorldId) != world.KeyOf(profile.WorldId))
            return (state, WriteResult.Refused(WriteStatus.Conflict, "worldId", "otherWorld", "the id is taken by a user of another world"));
        var status = state.Profile is null ? WriteStatus.Created : WriteStatus.Updated;
        var namesFollows = command.Operation == WriteOperation.Put ? document.NamedFollows is not null : NamesFollows(command.Json);
        var unfollowed = namesFollows ? state.FollowsInEffect().Except(profile.Follows).ToHashSet() : [];
        if (namesFollows)
        {
            state.Followed.Clear();
            state.FollowedAt.Clear();
        }
        UserStateUpdater.Unfollow(state, unfollowed);
        state.Profile = profile;
        state.Version++;
        state.ProfileVersion++;
        return (state, new WriteResult(status, state.ProfileVersion, []));
    }

    private static bool NamesFollows(byte[] patch)
    {
        using var document = JsonDocument.Parse(patch);
        return document.RootElement.TryGetProperty("follows", out _);
    }

    // Nothing about the user stays. The position says where the events of before end, and the counters keep versions and event ids from coming twice.
    private static UserState Erased(UserState state, DateTimeOffset now) => new()
    {
        AppliedPosition = state.AppliedPosition,
        LogId = state.LogId,
        ProfileVersion = state.ProfileVersion + 1,
        Version = state.Version + 1,
        Erasures = state.Erasures + 1,
        ErasedAt = now.ToUnixTimeMilliseconds(),
    };
}

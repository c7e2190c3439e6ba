using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>Checks user profiles before they are written.</summary>
public static class UserValidator
{
    // Learnt interests grow by at most 2 an event: a stated interest may outweigh any of them.
    private const double LargestInterest = 1_000;

    /// <summary>Checks a profile; returns every error.</summary>
    public static IReadOnlyList<FieldError> Validate(UserDocument user)
    {
        var checks = new FieldChecks();
        checks.Id("userId", user.UserId);
        checks.OptionalId("region", user.Region);
        checks.OptionalId("language", user.Language);
        checks.OptionalId("worldId", user.WorldId);
        checks.Numbers("interests.tags", user.Interests?.Tags, Limits.UserLinks, 0, LargestInterest);
        checks.Ids("interests.songIds", user.Interests?.SongIds, Limits.UserLinks);
        checks.Ids("interests.creatorIds", user.Interests?.CreatorIds, Limits.UserLinks);
        checks.Ids("follows", user.Follows, Limits.UserLinks);
        checks.Ids("friends", user.Friends, Limits.UserLinks);
        checks.Ids("communityIds", user.CommunityIds, Limits.UserLinks);
        checks.Ids("blockedCreatorIds", user.BlockedCreatorIds, Limits.UserLinks);
        checks.Ids("blockedItemIds", user.BlockedItemIds, Limits.UserLinks);
        checks.Ids("blockedTags", user.BlockedTags, Limits.UserLinks);
        checks.Ids("blockedSongIds", user.BlockedSongIds, Limits.UserLinks);
        checks.Numbers("features", user.Features, Limits.Features, -Limits.FeatureValue, Limits.FeatureValue);
        return checks.Errors;
    }
}

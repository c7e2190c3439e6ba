using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Users;

[Trait("Suite", "Unit")]
public sealed class UserValidatorTests
{
    private static readonly UserDocument Good = new() { UserId = "u" };
    private static readonly string[] TooMany = [.. Enumerable.Repeat("x", 5_001)];

    public static TheoryData<string, string, Func<UserDocument, UserDocument>> BadUsers => new()
    {
        { "userId", "required", d => d with { UserId = "" } },
        { "userId", "invalidId", d => d with { UserId = new string('x', 129) } },
        { "region", "invalidId", d => d with { Region = "深圳" } },
        { "language", "required", d => d with { Language = "" } },
        { "worldId", "invalidId", d => d with { WorldId = "a b" } },
        { "interests.tags.x", "outOfRange", d => d with { Interests = Tag("x", -0.1) } },
        { "interests.tags.x", "outOfRange", d => d with { Interests = Tag("x", 1_001) } },
        { "interests.tags.x", "notFinite", d => d with { Interests = Tag("x", double.NaN) } },
        { "interests.tags.a b", "invalidId", d => d with { Interests = Tag("a b", 1) } },
        { "interests.tags", "tooMany", d =>
            d with { Interests = new UserInterests { Tags = Enumerable.Range(0, 5_001).ToDictionary(i => $"t{i}", _ => 1d) } } },
        { "interests.songIds[0]", "required", d => d with { Interests = new UserInterests { SongIds = [""] } } },
        { "interests.creatorIds", "tooMany", d => d with { Interests = new UserInterests { CreatorIds = TooMany } } },
        { "follows", "tooMany", d => d with { Follows = TooMany } },
        { "follows[1]", "invalidId", d => d with { Follows = ["a", "b c"] } },
        { "friends[0]", "required", d => d with { Friends = [null!] } },
        { "communityIds[0]", "invalidId", d => d with { CommunityIds = ["?"] } },
        { "blockedCreatorIds", "tooMany", d => d with { BlockedCreatorIds = TooMany } },
        { "blockedItemIds", "tooMany", d => d with { BlockedItemIds = TooMany } },
        { "blockedTags[0]", "invalidId", d => d with { BlockedTags = ["a b"] } },
        { "blockedSongIds[1]", "required", d => d with { BlockedSongIds = ["s", ""] } },
        { "features.x", "notFinite", d => d with { Features = new Dictionary<string, double> { ["x"] = double.PositiveInfinity } } },
        { "features.x", "outOfRange", d => d with { Features = new Dictionary<string, double> { ["x"] = -1.1e9 } } },
        { "features", "tooMany", d => d with { Features = Enumerable.Range(0, 65).ToDictionary(i => $"f{i}", _ => 0d) } },
    };

    [Theory]
    [MemberData(nameof(BadUsers), DisableDiscoveryEnumeration = true)]
    public void A_bad_profile_is_refused_and_the_field_named(string field, string code, Func<UserDocument, UserDocument> spoil) =>
        Assert.Equal((field, code), Assert.Single(UserValidator.Validate(spoil(Good)).Select(e => (e.Field, e.Code))));

    [Fact]
    public void Profiles_at_the_limits_are_accepted()
    {
        Assert.Empty(UserValidator.Validate(Good));
        Assert.Empty(UserValidator.Validate(Good with
        {
            Interests = new UserInterests { Tags = new Dictionary<string, double> { ["a"] = 0, ["b"] = 1_000 }, SongIds = [.. Enumerable.Repeat("s", 5_000)] },
            Follows = [.. Enumerable.Repeat("f", 5_000)],
            Features = Enumerable.Range(0, 64).ToDictionary(i => $"f{i}", _ => 1e9),
        }));
        Assert.Empty(UserValidator.Validate(Good with { Follows = null!, Friends = null!, CommunityIds = null!, BlockedCreatorIds = null! }));
    }

    private static UserInterests Tag(string name, double weight) => new() { Tags = new Dictionary<string, double> { [name] = weight } };
}

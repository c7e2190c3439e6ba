using System.Text;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Users;
using KgOrleans.Ranking.Users;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Tests.Users;

[Trait("Suite", "Unit")]
public sealed class UserProfileWritesTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CatalogueWorld World = new(Options.Create(new CatalogueOptions { WorldId = "main" }));

    [Fact]
    public void A_put_creates_then_replaces_under_the_users_own_id_and_counts_versions()
    {
        var (state, created) = Write(new UserState { Version = 5 }, WriteOperation.Put, """{"userId":"other","region":"GD","follows":null}""");
        Assert.Equal((WriteStatus.Created, 1L), (created.Status, created.Version));
        Assert.Equal(("u1", "GD", 6L, 1L), (state.Profile!.UserId, state.Profile.Region, state.Version, state.ProfileVersion));
        Assert.Empty(state.Profile.Follows);

        var (next, updated) = Write(state, WriteOperation.Put, "{}", ifMatch: 1);
        Assert.Equal((WriteStatus.Updated, 2L), (updated.Status, updated.Version));
        Assert.Null(next.Profile!.Region);
    }

    [Fact]
    public void A_patch_merges_and_of_a_user_known_by_events_only_it_makes_the_first_profile()
    {
        var (state, created) = Write(new UserState { LastEventAt = 1 }, WriteOperation.Patch, """{"region":"GD","language":"yue"}""");
        Assert.Equal(WriteStatus.Created, created.Status);
        var (next, _) = Write(state, WriteOperation.Patch, """{"region":null}""");
        Assert.Equal((null, "yue"), (next.Profile!.Region, next.Profile.Language));
    }

    [Theory]
    [InlineData(WriteOperation.Put, "{}", 4, WriteStatus.VersionMismatch, "If-Match")]
    [InlineData(WriteOperation.Delete, "", 4, WriteStatus.VersionMismatch, "If-Match")]
    [InlineData(WriteOperation.Put, """{"region":7}""", null, WriteStatus.Invalid, "region")]
    [InlineData(WriteOperation.Patch, """{"interests":{"tags":{"rock":-1}}}""", null, WriteStatus.Invalid, "interests.tags.rock")]
    [InlineData(WriteOperation.Put, """{"worldId":"other"}""", null, WriteStatus.Conflict, "worldId")]
    public void A_refused_write_names_the_reason_and_changes_nothing(WriteOperation operation, string json, int? ifMatch, WriteStatus status, string field)
    {
        var profile = new UserDocument { UserId = "u1", Region = "GD" };
        var (state, result) = Write(new UserState { Profile = profile, Version = 9, ProfileVersion = 3 }, operation, json, ifMatch);
        Assert.Equal((status, field, 0L), (result.Status, Assert.Single(result.Errors).Field, result.Version));
        Assert.Equal((profile, 9L, 3L), (state.Profile, state.Version, state.ProfileVersion));
    }

    [Theory]
    [InlineData(WriteOperation.Patch, null, WriteStatus.NotFound)]
    [InlineData(WriteOperation.Delete, null, WriteStatus.NotFound)]
    [InlineData(WriteOperation.Put, 0, WriteStatus.VersionMismatch)]
    public void Of_an_unknown_user_nothing_can_be_changed_and_no_version_is_current(WriteOperation operation, int? ifMatch, WriteStatus status) =>
        Assert.Equal(status, Write(new UserState(), operation, "{}", ifMatch).Result.Status);

    [Fact]
    public void The_clusters_own_world_is_the_same_named_or_not()
    {
        var (state, _) = Write(new UserState(), WriteOperation.Put, "{}");
        Assert.Equal(WriteStatus.Updated, Write(state, WriteOperation.Put, """{"worldId":"main"}""").Result.Status);
    }

    [Fact]
    public void An_erasure_leaves_counters_and_the_position_in_the_log_and_nothing_about_the_user()
    {
        var before = new UserState
        {
            Profile = new UserDocument { UserId = "u1" },
            Version = 7,
            ProfileVersion = 3,
            AppliedPosition = 900,
            Erasures = 1,
            LastEventAt = 5,
            Seen = [1],
            Followed = ["c1"],
        };
        var (state, result) = Write(before, WriteOperation.Delete, "", ifMatch: 3);
        Assert.Equal((WriteStatus.Updated, 4L), (result.Status, result.Version));
        Assert.NotSame(before, state);
        Assert.Equivalent(
            new UserState { Version = 8, ProfileVersion = 4, AppliedPosition = 900, Erasures = 2, ErasedAt = Now.ToUnixTimeMilliseconds() },
            state,
            strict: true);
        Assert.False(state.IsKnown);
    }

    private static (UserState State, WriteResult Result) Write(UserState state, WriteOperation operation, string json, long? ifMatch = null) =>
        UserProfileWrites.Apply(state, new ProfileCommand(operation, Encoding.UTF8.GetBytes(json), ifMatch), "u1", World, Now);
}

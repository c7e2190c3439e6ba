using System.Text.Json;
using KgOrleans.Api.Documents;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage;

namespace KgOrleans.Api.Users;

/// <summary>Profiles: every user is a grain; lanes bound how many are written at once.</summary>
internal sealed class UserStore(IGrainFactory grains) : DocumentStore<UserDocument>(Lanes, BatchSize)
{
    // Enough for the state writes of different users to share group commits.
    private const int Lanes = 64;
    private const int BatchSize = 8;

    public override string Keeper => "The user";

    public override string IdOf(UserDocument document) => document.UserId;

    public override UserDocument WithId(UserDocument document, string id) => document with { UserId = id };

    public override IReadOnlyList<FieldError> Validate(UserDocument document) => UserValidator.Validate(document);

    public override async Task<IResult?> ReadAsync(HttpContext http, string id)
    {
        if (await grains.GetGrain<IUserGrain>(id).GetDetails(http.RequestAborted) is not { } user)
            return null;
        // The tag is the profile's, for If-Match; the answer also holds the history, which moves with every event, so that it is never "not modified".
        http.Response.Headers.ETag = VersionConditions.ETag(user.Version);
        return TypedResults.Ok(Answer(id, user));
    }

    public override async Task<long?> VersionAsync(string id, CancellationToken cancellationToken) =>
        (await grains.GetGrain<IUserGrain>(id).GetDetails(cancellationToken))?.Version;

    public override Task<WriteResult> WriteAsync(WriteOperation operation, string id, byte[] json, long? ifMatch, CancellationToken cancellationToken) =>
        grains.GetGrain<IUserGrain>(id).WriteProfile(new ProfileCommand(operation, json, ifMatch), cancellationToken);

    protected override async Task<WriteResult[]> WriteBatchAsync(int lane, BulkDocument[] batch, CancellationToken cancellationToken)
    {
        // One after the other: a lane keeps the order of two writes of one user, and 64 lanes are parallel enough.
        var results = new WriteResult[batch.Length];
        for (var i = 0; i < batch.Length; i++)
            results[i] = await WriteOneAsync(batch[i], cancellationToken);
        return results;
    }

    // A user who cannot be written costs the others of the batch nothing, neither their writes nor their report.
    private async Task<WriteResult> WriteOneAsync(BulkDocument document, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(WriteOperation.Put, document.Id, document.Json, null, cancellationToken);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, cancellationToken))
        {
            return WriteResult.Refused(WriteStatus.Unavailable, "$", "unavailable", "could not be written now; send it again later");
        }
        catch (Exception exception) when (StorageException.IsForGood(exception))
        {
            return WriteResult.Refused(
                WriteStatus.Conflict, "userId", "stateUnreadable", "the stored state of this user cannot be read; an operator must repair it, or erase the user");
        }
    }

    private static UserAnswer Answer(string userId, UserDetails user) => new(
        userId,
        user.ProfileJson is { } profile ? JsonSerializer.Deserialize<UserDocument>(profile, KgJson.Options) : null,
        user.Follows,
        JsonElement.Parse(user.HistoryJson),
        user.Version,
        user.SeenCount,
        user.SpaceId is { } space ? new UserVectorPreview(space, user.Vector) : null);
}

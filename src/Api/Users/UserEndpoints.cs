using KgOrleans.Api.Documents;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Api.Users;

/// <summary><c>/v1/users</c>.</summary>
internal static class UserEndpoints
{
    private static readonly DocumentTexts Texts = new()
    {
        Route = "/v1/users",
        IdField = "userId",
        Tag = "Users",
        Get = new("getUser", "Profile, history and a preview of the user vector", "The ETag header is the version."),
        Put = new(
            "putUser", "Writes or replaces a profile",
            "Honours If-Match; with If-None-Match: * it only creates. History and learned interests are kept. Naming `follows` replaces all follows, those learnt from events too."),
        Patch = new("patchUser", "Changes members of a profile", "JSON merge patch (RFC 7396): a value replaces, null removes. Honours If-Match."),
        Delete = new(
            "eraseUser", "Erases a user",
            "Removes profile, history, seen items and user vector, also of a user whose stored state cannot be read. What the user did is in no export and no "
                + "training any more; the bytes of those events leave the disk with the retention (Kg:Events:RetentionDays), and backups with their own. Events dated "
                + "before it are refused afterwards. Honours If-Match."),
        Upload = new(
            "uploadUsers", "Writes many profiles",
            $"A JSON array of at most {Limits.DocumentBytes >> 20} MB, or NDJSON of any length (one profile per line, at most as large), which is streamed. " +
            "An invalid profile is rejected; the others are written. Two writes of one user keep their order."),
        Example = """{"userId":"u0001","region":"GD","language":"yue","interests":{"tags":{"ballad":2}},"follows":["c0007"],"friends":["u0002"]}""",
        PatchExample = """{"region":"SH","interests":{"tags":{"ballad":null}}}""",
    };

    public static void MapUsers(this IEndpointRouteBuilder routes) => new DocumentEndpoints<UserDocument, UserAnswer, UserStore>(Texts).Map(routes);
}

using System.Globalization;
using System.Text;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Import.Sets;

/// <summary>
/// KuaiRand (Kuaishou), read from its user and video features and from any of its logs: the publisher's <c>log_*.csv</c> or an explicit-feedback extract
/// <c>processed_*.tsv</c>. Holds what it reads in memory: meant for the Pure and 1K versions. A video is an item by the creator <c>author-&lt;id&gt;</c>; one
/// that is only in a log becomes an item with what the log knows, by the creator
/// <c>video-&lt;id&gt;</c>, alone with its item.
/// </summary>
public sealed class KuaiRand
{
    /// <summary>World of its items and users.</summary>
    public const string WorldId = "kuairand";

    private const string BadId = "id is not a number";
    private const string UnknownMusic = "0";

    // Kuaishou's days are Beijing's; the log's milliseconds agree with them only so.
    private static readonly TimeSpan PublisherOffset = TimeSpan.FromHours(8);

    // The publisher's order of activity; UNKNOWN has no place in it.
    private static readonly Dictionary<string, double> ActiveDegrees = new(StringComparer.Ordinal)
    {
        ["day_new"] = 0,
        ["2_14_day_new"] = 1,
        ["30day_retention"] = 2,
        ["single_low_active"] = 3,
        ["low_active"] = 4,
        ["middle_active"] = 5,
        ["high_active"] = 6,
        ["full_active"] = 7,
    };

    private readonly DataFolder _folder;
    private readonly IdScope _ids;
    private readonly List<FileReport> _files = [];
    private readonly Dictionary<string, UserDocument> _users = [];
    private readonly Dictionary<string, ItemDocument> _videos = [];

    private KuaiRand(DataFolder folder, IdScope ids)
    {
        _folder = folder;
        _ids = ids;
    }

    /// <summary>Reads the whole set. Throws <see cref="InvalidDataException"/> when files or columns are missing.</summary>
    public static ImportSet Read(DataFolder folder, IdScope ids)
    {
        var reader = new KuaiRand(folder, ids);
        reader.ReadUsers();
        reader.ReadVideos();
        var log = reader.ReadLogs();
        return reader.ToImportSet(log);
    }

    private void ReadUsers()
    {
        var path = _folder.Single("user_features_*.csv", "a version of KuaiRand");
        using var file = Open(path, ',');
        var (id, degree) = (file.Column("user_id"), file.Column("user_active_degree"));
        string[] names =
        [
            "is_live_streamer", "is_video_author", "follow_user_num", "fans_user_num", "friend_user_num", "register_days",
            .. Enumerable.Range(0, 18).Select(i => $"onehot_feat{i}"),
        ];
        var columns = names.Select(n => (Name: n, Column: file.Column(n))).ToArray();
        foreach (var row in file.Rows())
        {
            if (IdScope.RawId(row[id]) is not { } user)
            {
                file.Report.Reject(BadId, row);
                continue;
            }
            var features = new Dictionary<string, double>();
            if (ActiveDegrees.TryGetValue(row[degree], out var active))
                features["user_active_degree"] = active;
            string? bad = null;
            foreach (var (name, column) in columns)
            {
                if (row[column].Length == 0)
                    continue;
                if (!Number(row[column], out var value))
                    bad = name;
                // -124 is the publisher's mark for "not known".
                else if (value >= 0)
                    features[name] = value;
            }
            if (bad is not null)
                file.Report.Reject($"{bad} is not a number", row);
            else if (!_users.TryAdd(user, new UserDocument { UserId = _ids.Id(user), Features = features, WorldId = WorldId }))
                file.Report.Reject("user listed before", row);
        }
    }

    private void ReadVideos()
    {
        var path = _folder.Single("video_features_basic_*.csv", "a version of KuaiRand");
        using var file = Open(path, ',');
        var (id, author, type) = (file.Column("video_id"), file.Column("author_id"), file.Column("video_type"));
        var (uploaded, duration, music, tag) = (file.Column("upload_dt"), file.Column("video_duration"), file.Column("music_id"), file.Column("tag"));
        var (width, height) = (file.Column("server_width"), file.Column("server_height"));
        foreach (var row in file.Rows())
        {
            if (IdScope.RawId(row[id]) is not { } video || IdScope.RawId(row[author]) is not { } creator)
            {
                file.Report.Reject(BadId, row);
                continue;
            }
            var features = new Dictionary<string, double> { ["is_ad"] = row[type] == "AD" ? 1 : 0 };
            var song = IdScope.RawId(row[music]);
            var milliseconds = 0.0;
            DateTime date = default;
            if (row[duration].Length > 0 && (!Number(row[duration], out milliseconds) || milliseconds is < 0 or > 86_400_000))
                file.Report.Reject("video_duration is not a number of milliseconds within a day", row);
            else if (row[uploaded].Length > 0
                && !DateTime.TryParseExact(row[uploaded], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date))
                file.Report.Reject("upload_dt is not a date", row);
            else if (row[music].Length > 0 && song is null)
                file.Report.Reject(BadId, row);
            else
            {
                if (Number(row[width], out var w) && Number(row[height], out var h) && h > 0)
                    features["aspect"] = Math.Round(w / h, 4);
                var item = new ItemDocument
                {
                    ItemId = _ids.Id(video),
                    CreatorId = _ids.Creator("author", creator),
                    SongId = song is null or UnknownMusic ? null : _ids.Id(song),
                    Kind = ItemKind.Video,
                    Tags = [.. row[tag].Split(',').Select(t => TagId.From(WholeNumber.Digits(t) ?? t)).Where(t => t.Length > 0).Distinct()],
                    DurationSeconds = milliseconds > 0 ? milliseconds / 1000 : null,
                    PublishedAt = date == default ? null : new DateTimeOffset(date, PublisherOffset).ToUniversalTime(),
                    Features = features,
                    WorldId = WorldId,
                };
                if (item.PublishedAt < Limits.EarliestDate)
                    file.Report.Reject($"dated before {Limits.EarliestDate.Year}", row);
                else if (!_videos.TryAdd(video, item))
                    file.Report.Reject("video listed before", row);
            }
        }
    }

    private KuaiRandLog ReadLogs()
    {
        var log = new KuaiRandLog(_ids);
        var paths = _folder.Find("log_*.csv").Concat(_folder.Find("processed_*.tsv")).ToList();
        if (paths.Count == 0)
            throw new InvalidDataException("no log found: neither log_*.csv nor processed_*.tsv");
        foreach (var path in paths)
        {
            using var file = Open(path, path.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : ',');
            log.Read(file);
        }
        return log;
    }

    private ImportSet ToImportSet(KuaiRandLog log)
    {
        foreach (var user in log.Users)
            _users.TryAdd(user, new UserDocument { UserId = _ids.Id(user), WorldId = WorldId });
        var known = _videos.Count;
        foreach (var (video, milliseconds) in log.Videos)
        {
            if (_videos.TryGetValue(video, out var item))
                log.SetDuration(video, item.DurationSeconds * 1000);
            else
                _videos.Add(video, Stub(video, milliseconds));
        }
        return new ImportSet
        {
            WorldId = WorldId,
            Items = [.. _videos.Values],
            Users = [.. _users.Values],
            Events = log.Events(),
            EventCount = log.EventCount,
            Newest = log.Newest is { } newest && newest > _videos.Values.Max(v => v.PublishedAt).GetValueOrDefault()
                ? newest
                : _videos.Values.Max(v => v.PublishedAt),
            Files = _files,
            ExampleUser = log.Users.Select(_ids.Id).FirstOrDefault(),
            Notes =
            [
                string.Create(CultureInfo.InvariantCulture, $"{_videos.Count - known:N0} of the {log.Videos.Count():N0} videos in the log have no features: "
                    + $"imported as they are known, each by the creator video-<id>"),
                "videos are by the creator author-<id>: the set numbers users and authors independently",
            ],
        };
    }

    private ItemDocument Stub(string video, double milliseconds) => new()
    {
        ItemId = _ids.Id(video),
        CreatorId = _ids.Creator("video", video),
        Kind = ItemKind.Video,
        DurationSeconds = milliseconds > 0 ? milliseconds / 1000 : null,
        WorldId = WorldId,
    };

    private DelimitedFile Open(string path, char separator)
    {
        var file = new DelimitedFile(_folder.Read(path), path[(path.LastIndexOf('/') + 1)..], Encoding.UTF8, separator);
        _files.Add(file.Report);
        return file;
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && Math.Abs(value) <= 1e9;
}

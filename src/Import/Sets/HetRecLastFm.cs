using System.Globalization;
using System.Text;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Import.Sets;

/// <summary>
/// HetRec 2011 Last.fm (GroupLens; 1,892 users, 17,632 artists), read from its .dat files. An artist is an item of kind audio by the creator
/// <c>artist-&lt;id&gt;</c>; plays become play events (<see cref="PlayTaste"/>), friendships friends, tag assignments the tags of items and the interests of
/// users.
/// </summary>
public sealed class HetRecLastFm
{
    /// <summary>World of its items and users.</summary>
    public const string WorldId = "hetrec-lastfm-2k";

    /// <summary>Last.fm opened in 2002; the few assignments dated before 2000 are errors of the clock that wrote them.</summary>
    private const int FirstYear = 2000;

    private const string NoArtist = "artist is not in artists.dat";
    private const string BadId = "id is not a number";

    private readonly DataFolder _folder;
    private readonly HistoryHoldOut _holdOut;
    private readonly List<FileReport> _files = [];
    private readonly Dictionary<string, string> _tagIds = [];
    private readonly HetRecCatalogue _catalogue;

    private HetRecLastFm(DataFolder folder, IdScope ids, HistoryHoldOut holdOut)
    {
        _folder = folder;
        _holdOut = holdOut;
        _catalogue = new HetRecCatalogue(ids);
    }

    /// <summary>Reads the whole set. Throws <see cref="InvalidDataException"/> when files or columns are missing.</summary>
    public static ImportSet Read(DataFolder folder, IdScope ids, HistoryHoldOut holdOut)
    {
        var reader = new HetRecLastFm(folder, ids, holdOut);
        reader.ReadArtists();
        reader.ReadTags();
        reader.ReadPlays();
        reader.ReadFriends();
        reader.ReadAssignments();
        return reader._catalogue.ToImportSet(reader._files);
    }

    private DelimitedFile Open(string name, Encoding encoding)
    {
        var file = _folder.Single(name, "hetrec2011-lastfm-2k");
        var rows = new DelimitedFile(_folder.Read(file), name, encoding, '\t');
        _files.Add(rows.Report);
        return rows;
    }

    private void ReadArtists()
    {
        using var file = Open("artists.dat", Encoding.UTF8);
        var (id, name) = (file.Column("id"), file.Column("name"));
        foreach (var row in file.Rows())
        {
            if (IdScope.RawId(row[id]) is not { } artist)
                file.Report.Reject(BadId, row);
            else if (row[name].Length > Limits.TitleLength)
                file.Report.Reject($"name has more than {Limits.TitleLength} characters", row);
            else if (!_catalogue.AddArtist(artist, row[name].Trim()))
                file.Report.Reject("artist listed before", row);
        }
    }

    private void ReadTags()
    {
        using var file = Open("tags.dat", Encoding.Latin1);
        var (id, value) = (file.Column("tagID"), file.Column("tagValue"));
        foreach (var row in file.Rows())
        {
            var tag = TagId.From(row[value]);
            if (IdScope.RawId(row[id]) is not { } tagId)
                file.Report.Reject(BadId, row);
            else if (tag.Length == 0)
                file.Report.Reject("tag has no character that an id can hold", row);
            else if (!_tagIds.TryAdd(tagId, tag))
                file.Report.Reject("tag listed before", row);
        }
    }

    private void ReadPlays()
    {
        using var file = Open("user_artists.dat", Encoding.ASCII);
        var (user, artist, weight) = (file.Column("userID"), file.Column("artistID"), file.Column("weight"));
        foreach (var row in file.Rows())
        {
            if (IdScope.RawId(row[user]) is not { } listener || IdScope.RawId(row[artist]) is not { } played)
                file.Report.Reject(BadId, row);
            else if (!WholeNumber.TryRead(row[weight], out var plays) || plays == 0)
                file.Report.Reject("play count is not a positive number", row);
            else if (!_catalogue.HasArtist(played))
                file.Report.Reject(NoArtist, row);
            else if (!_catalogue.AddPlays(listener, played, plays))
                file.Report.Reject("artist listed before for this user", row);
        }
        file.Report.HeldOut = _catalogue.SetAside(_holdOut);
    }

    private void ReadFriends()
    {
        using var file = Open("user_friends.dat", Encoding.ASCII);
        var (user, friend) = (file.Column("userID"), file.Column("friendID"));
        foreach (var row in file.Rows())
        {
            if (IdScope.RawId(row[user]) is not { } one || IdScope.RawId(row[friend]) is not { } other)
                file.Report.Reject(BadId, row);
            else if (one == other)
                file.Report.Reject("friend of themselves", row);
            else
                _catalogue.AddFriends(one, other);
        }
    }

    private void ReadAssignments()
    {
        using var file = Open("user_taggedartists.dat", Encoding.ASCII);
        var (user, artist, tag) = (file.Column("userID"), file.Column("artistID"), file.Column("tagID"));
        var (day, month, year) = (file.Column("day"), file.Column("month"), file.Column("year"));
        foreach (var row in file.Rows())
        {
            if (IdScope.RawId(row[user]) is not { } listener || IdScope.RawId(row[artist]) is not { } tagged || IdScope.RawId(row[tag]) is not { } assigned)
                file.Report.Reject(BadId, row);
            else if (Date(row[year], row[month], row[day]) is not { } date)
                file.Report.Reject("not a date", row);
            else if (date.Year < FirstYear)
                file.Report.Reject($"dated before {FirstYear}", row);
            else if (!_catalogue.HasArtist(tagged))
                file.Report.Reject(NoArtist, row);
            else if (!_tagIds.TryGetValue(assigned, out var tagId))
                file.Report.Reject("tag is not in tags.dat", row);
            else if (_catalogue.IsHeldOut(listener, tagged))
                file.Report.HeldOut++;
            else
                _catalogue.AddAssignment(listener, tagged, tagId, date);
        }
    }

    private static DateTimeOffset? Date(string year, string month, string day) =>
        DateTime.TryParseExact(
            $"{WholeNumber.Digits(year)}-{WholeNumber.Digits(month)}-{WholeNumber.Digits(day)}", "yyyy-M-d", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var date)
            ? new DateTimeOffset(date, TimeSpan.Zero)
            : null;
}

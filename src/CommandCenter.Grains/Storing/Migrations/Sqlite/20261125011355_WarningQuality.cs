using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CommandCenter.Grains.Storing.Migrations.Sqlite
{
    /// <inheritdoc />
    internal partial class WarningQuality : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "class",
                table: "warnings",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "cleared_at",
                table: "warnings",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "drill",
                table: "warnings",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "incident",
                table: "warnings",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "inhibited",
                table: "warnings",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "peak_colour",
                table: "warnings",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "raised_at",
                table: "warnings",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "shelved_until",
                table: "warnings",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "silenced",
                table: "warnings",
                type: "TEXT",
                nullable: true);

            // What was stored before tells the same in its document.
            migrationBuilder.Sql(
                """
                UPDATE warnings SET
                    raised_at = CAST(strftime('%s', json_extract(document, '$.raisedAt')) AS INTEGER) * 1000 + CAST(substr(json_extract(document, '$.raisedAt'), 21, 3) AS INTEGER),
                    cleared_at = CAST(strftime('%s', json_extract(document, '$.clearedAt')) AS INTEGER) * 1000 + CAST(substr(json_extract(document, '$.clearedAt'), 21, 3) AS INTEGER),
                    shelved_until = CAST(strftime('%s', json_extract(document, '$.shelved.until')) AS INTEGER) * 1000 + CAST(substr(json_extract(document, '$.shelved.until'), 21, 3) AS INTEGER),
                    peak_colour = upper(substr(json_extract(document, '$.peakColour'), 1, 1)) || substr(json_extract(document, '$.peakColour'), 2),
                    class = json_extract(document, '$.class'),
                    incident = json_extract(document, '$.incident'),
                    drill = coalesce(json_extract(document, '$.drill'), 0)
                """);

            migrationBuilder.CreateIndex(
                name: "ix_warnings_cleared",
                table: "warnings",
                columns: new[] { "area", "cleared_at" },
                filter: "cleared_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_warnings_quality",
                table: "warnings",
                columns: new[] { "raised_at", "id", "cleared_at", "peak_colour", "state", "rule", "subject", "class", "silenced", "inhibited", "drill", "incident", "area", "overlays" });

            migrationBuilder.CreateIndex(
                name: "ix_warnings_shelved",
                table: "warnings",
                columns: new[] { "area", "shelved_until" },
                filter: "shelved_until IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_warnings_cleared",
                table: "warnings");

            migrationBuilder.DropIndex(
                name: "ix_warnings_quality",
                table: "warnings");

            migrationBuilder.DropIndex(
                name: "ix_warnings_shelved",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "class",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "cleared_at",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "drill",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "incident",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "inhibited",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "peak_colour",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "raised_at",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "shelved_until",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "silenced",
                table: "warnings");
        }
    }
}

extension Schema {
  /// The fields that HTTP functions got, with what they had meant so far: binary mode, 10 s for a
  /// connection, the system's authorities. The answers of earlier requests go, see
  /// `definitionDefaults`.
  static let httpTargets = """
    UPDATE definitions SET body = json_insert(body,
      '$.target.http._0.contentMode', 1,
      '$.target.http._0.connectTimeout', json('[0,10000000000000000000]'),
      '$.target.http._0.caCertificates', '')
    WHERE kind = 'function' AND json_type(body, '$.target.http') IS NOT NULL;
    DELETE FROM requests;

    """
}
